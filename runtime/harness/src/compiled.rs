//! How an executable was compiled, as the macros of `harness!` have read it from the compiler's arguments.

use super::Build;

/// The facts about a bench target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// Of its package, `default` among them.
    pub(crate) features: Vec<String>,
    /// The name of Cargo's folder for the profile.
    folder: Option<String>,
    /// If one was chosen: by `--target`, or by Cargo's configuration.
    pub(crate) target: Option<String>,
    /// Settings of the compiler: `opt-level=3`, `--cfg fast`.
    settings: Vec<String>,
}

impl Compiled {
    pub(crate) fn of(build: &Build) -> Self {
        Self::read(build.compiled)
    }

    /// Of the text that [`Build::compiled`] is.
    pub(crate) fn read(facts: &str) -> Self {
        let of_kind = |kind: &str| -> Vec<String> {
            let facts = facts.lines().filter_map(|fact| fact.split_once(' '));
            let facts = facts.filter(|(name, _)| *name == kind);
            facts.map(|(_, value)| value.to_owned()).collect()
        };
        let cfgs = of_kind("cfg").into_iter().map(|cfg| format!("--cfg {cfg}"));
        Self {
            features: of_kind("feature"),
            folder: of_kind("folder").pop(),
            target: of_kind("target").pop(),
            settings: of_kind("codegen").into_iter().chain(cfgs).collect(),
        }
    }

    /// The profile by its name in `Cargo.toml`. Two profiles share a folder: `seen` is the one that Cargo's command
    /// names, where that can be seen. Else it is the one of `cargo bench`, and for `cargo bench --profile dev` that.
    pub(crate) fn profile<'a>(&'a self, seen: Option<&'a str>) -> &'a str {
        match (self.folder.as_deref(), seen) {
            (Some("release"), Some("release")) => "release",
            (Some("debug"), Some("test")) => "test",
            (Some("debug"), _) => "dev",
            (Some("release") | None, _) => "bench",
            (Some(own), _) => own,
        }
    }

    /// In which settings another executable of the same code differs: those of this one, and those of the other.
    pub(crate) fn differences(&self, other: &Self) -> Option<[String; 2]> {
        let alone = |these: &Self, others: &Self| {
            let settings = these.settings.iter();
            let alone = settings.filter(|setting| !others.settings.contains(setting));
            let alone: Vec<String> = alone.map(|setting| format!("`{setting}`")).collect();
            match &alone[..] {
                [] => "no setting for it".to_owned(),
                alone => alone.join(", "),
            }
        };
        let is_alike = self.settings == other.settings;
        (!is_alike).then(|| [alone(self, other), alone(other, self)])
    }
}

#[cfg(test)]
mod tests {
    use super::Compiled;

    #[test]
    fn a_profile_is_known_by_its_folder() {
        let profile = |folder: &str, seen| {
            let compiled = Compiled::read(&format!("feature a\nfolder {folder}"));
            compiled.profile(seen).to_owned()
        };
        assert_eq!(profile("release", None), "bench");
        assert_eq!(profile("release", Some("release")), "release");
        assert_eq!(profile("debug", None), "dev");
        assert_eq!(profile("quick", Some("bench")), "quick");
        assert_eq!(Compiled::read("").profile(None), "bench");
    }

    #[test]
    fn settings_that_differ_are_named_for_each_side() {
        let [plain, other] =
            ["codegen opt-level=3", "codegen opt-level=1\ncfg fast"].map(Compiled::read);
        assert_eq!(plain.differences(&plain), None);
        let both = plain.differences(&other).expect("they differ");
        assert_eq!(both, ["`opt-level=3`", "`opt-level=1`, `--cfg fast`"]);
    }
}

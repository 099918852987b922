//! The build settings that there are to choose from, and how they are joined.

use std::fmt;
use std::str::FromStr;

/// Without a choice: each for itself.
pub(crate) const EACH: &str = "thin-lto,fat-lto,cgu1,native,pgo";

/// A build setting that may make code faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Setting {
    ThinLto,
    FatLto,
    /// All of a crate is optimised together.
    Cgu1,
    /// For this machine's CPU, and no other.
    Native,
    /// By a profile of a run.
    Pgo,
}

impl Setting {
    const ALL: [Self; 5] = [
        Self::ThinLto,
        Self::FatLto,
        Self::Cgu1,
        Self::Native,
        Self::Pgo,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ThinLto => "thin-lto",
            Self::FatLto => "fat-lto",
            Self::Cgu1 => "cgu1",
            Self::Native => "native",
            Self::Pgo => "pgo",
        }
    }

    /// What becomes of it in a profile of Cargo's: a key, and a value as TOML has it.
    pub(super) fn in_profile(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::ThinLto => Some(("lto", "\"thin\"")),
            Self::FatLto => Some(("lto", "\"fat\"")),
            Self::Cgu1 => Some(("codegen-units", "1")),
            Self::Native | Self::Pgo => None,
        }
    }
}

/// Settings that are built together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variant {
    /// As the user has them.
    pub(super) settings: Vec<Setting>,
}

impl Variant {
    pub(super) fn has(&self, setting: Setting) -> bool {
        self.settings.contains(&setting)
    }

    pub(super) fn names(&self) -> Vec<String> {
        let names = self.settings.iter().map(|setting| setting.name());
        names.map(str::to_owned).collect()
    }

    fn in_order(&self) -> Vec<Setting> {
        let mut settings = self.settings.clone();
        settings.sort_unstable();
        settings
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join("+"))
    }
}

/// What `--variants` names, none of them twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List(pub(super) Vec<Variant>);

impl List {
    /// Whether one is to be trained.
    pub(crate) fn has_pgo(&self) -> bool {
        self.0.iter().any(|variant| variant.has(Setting::Pgo))
    }
}

impl FromStr for List {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut variants: Vec<Variant> = Vec::new();
        for name in text.split(',') {
            let variant = variant(name).map_err(|reason| with_choice(&reason))?;
            let same = |other: &&Variant| other.in_order() == variant.in_order();
            if let Some(other) = variants.iter().find(same) {
                let reason = format!("`{other}` and `{name}` are one variant");
                return Err(with_choice(&reason));
            }
            variants.push(variant);
        }
        Ok(Self(variants))
    }
}

fn variant(text: &str) -> Result<Variant, String> {
    let mut settings = Vec::new();
    for name in text.split('+') {
        let found = Setting::ALL.into_iter().find(|known| known.name() == name);
        let setting = found.ok_or_else(|| unknown(name))?;
        if settings.contains(&setting) {
            return Err(format!("`{name}` is there twice in `{text}`"));
        }
        settings.push(setting);
    }
    if settings.contains(&Setting::ThinLto) && settings.contains(&Setting::FatLto) {
        return Err(format!("`{text}` has two kinds of LTO"));
    }
    Ok(Variant { settings })
}

/// Often a filter that was taken for a variant.
fn unknown(name: &str) -> String {
    format!(
        "there is no setting `{name}` (a filter comes before `--variants`, or after what it is given)"
    )
}

fn with_choice(reason: &str) -> String {
    let names = Setting::ALL.map(Setting::name).join(", ");
    format!(
        "{reason}. There are {names}: `+` joins some to one variant, as in `fat-lto+cgu1+pgo`, and `,` stands \
         between variants"
    )
}

#[cfg(test)]
mod tests {
    use super::{EACH, List};

    fn names(text: &str) -> Vec<String> {
        let List(variants) = text.parse().expect(text);
        variants.iter().map(ToString::to_string).collect()
    }

    fn error(text: &str) -> String {
        text.parse::<List>().expect_err(text)
    }

    #[test]
    fn settings_are_joined_and_variants_listed() {
        assert_eq!(
            names("thin-lto,fat-lto+cgu1+pgo"),
            ["thin-lto", "fat-lto+cgu1+pgo"]
        );
        assert_eq!(names(EACH).len(), 5);
    }

    #[test]
    fn what_is_no_variant_is_told_with_what_there_is() {
        for (text, reason) in [
            ("fast", "there is no setting `fast` "),
            ("", "there is no setting `` "),
            ("cgu1,", "there is no setting `` "),
            ("pgo,parse", "there is no setting `parse` "),
            ("pgo+pgo", "`pgo` is there twice in `pgo+pgo`."),
            (
                "thin-lto+cgu1+fat-lto",
                "`thin-lto+cgu1+fat-lto` has two kinds of LTO.",
            ),
            (
                "pgo+cgu1,cgu1+pgo",
                "`pgo+cgu1` and `cgu1+pgo` are one variant.",
            ),
        ] {
            let error = error(text);
            assert!(error.starts_with(reason), "{error}");
            assert!(
                error.contains("There are thin-lto, fat-lto, cgu1, native, pgo:"),
                "{error}"
            );
        }
    }
}

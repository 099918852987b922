//! The uses of which no case comes, and why.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{NAME, Tree, Use, named_in_harness, tree};

/// So many are named in a sentence.
const NAMED: usize = 5;

/// The file at the root of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// What the target is.
    pub kind: RootKind,
    /// As code names it, if it is a library.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

/// A kind of target, as Cargo has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootKind {
    /// `[lib]`
    Library,
    /// `[[bin]]`
    Program,
    /// `[[test]]`
    Test,
    /// `[[example]]`
    Example,
    /// `[[bench]]`
    Bench,
}

/// A use that is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrun {
    /// Where it stands.
    pub at: Use,
    /// Why it is not run.
    pub reason: Reason,
}

/// Why no case comes of a use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It is compiled into the library's own tests alone.
    LibraryTests,
    /// It is compiled into another target.
    Target(RootKind, String),
    /// No `harness!` names the library.
    Unnamed(String),
    /// No module names the file.
    NoModule,
    /// Of this build, a `cfg` may have left it out.
    Condition,
}

impl Unrun {
    /// Why it is not run, after its place.
    pub fn why(&self) -> String {
        let conditions = self.at.conditions.join(", ");
        match &self.reason {
            Reason::LibraryTests => {
                format!("is in the library's own tests alone, by `cfg({conditions})`")
            }
            Reason::Target(kind, name) => {
                let kind = match kind {
                    RootKind::Library => "library",
                    RootKind::Program => "program",
                    RootKind::Test => "test",
                    RootKind::Example => "example",
                    RootKind::Bench => "bench target",
                };
                format!("belongs to the {kind} `{name}`")
            }
            Reason::Unnamed(lib) => {
                format!("belongs to the library `{lib}`, which no `harness!` names")
            }
            Reason::NoModule => "is in a file that no module names".to_owned(),
            Reason::Condition => format!("needs `cfg({conditions})`"),
        }
    }

    /// Whether a blessed case may be this one, by its id.
    pub fn may_be(&self, id: &str) -> bool {
        let case = id.split('/').next().unwrap_or(id);
        let mut names: Vec<&str> = case.split("::").skip(1).collect();
        let function = names.pop();
        // Between the modules and a method stands its type.
        names.len() >= self.at.modules.len()
            && names.iter().zip(&self.at.modules).all(|(a, b)| a == b)
            && function == Some(self.at.function.as_str())
    }
}

/// Uses, each with its file from `root` on, its line and the reason.
pub fn list(uses: &[Unrun], root: &Path) -> String {
    let named = uses.iter().take(NAMED).map(|one| {
        let file = one.at.file.strip_prefix(root).unwrap_or(&one.at.file);
        format!("{}:{} {}", file.display(), one.at.line, one.why())
    });
    let mut named: Vec<String> = named.collect();
    if uses.len() > NAMED {
        named.push(format!("and {} more", uses.len() - NAMED));
    }
    named.join("; ")
}

/// The uses in the sources of a package that are not run. `sources` are its files that may have uses; `is_run` is true
/// of what has become a case; `is_named_elsewhere` is asked whether another package runs the cases of its library.
pub fn unrun(
    roots: &[Root],
    sources: &[PathBuf],
    read: &dyn Fn(&Path) -> Option<String>,
    is_run: &dyn Fn(&Use) -> bool,
    is_named_elsewhere: &dyn Fn(&str) -> bool,
) -> Vec<Unrun> {
    let trees: Vec<(&Root, Tree)> = roots
        .iter()
        .map(|root| (root, tree(&root.path, read)))
        .collect();
    let is_bench = |root: &&Root| root.kind == RootKind::Bench;
    let named: Vec<String> = roots
        .iter()
        .filter(is_bench)
        .filter_map(|root| read(&root.path))
        .flat_map(|text| named_in_harness(&text))
        .collect();
    let is_named = |lib: &str| named.iter().any(|name| name == lib) || is_named_elsewhere(lib);
    let mut known = HashSet::new();
    let mut found = Vec::new();
    // The library first: what several targets share is run if it is there.
    let order = [
        RootKind::Bench,
        RootKind::Library,
        RootKind::Program,
        RootKind::Test,
        RootKind::Example,
    ];
    for kind in order {
        for (root, tree) in trees.iter().filter(|(root, _)| root.kind == kind) {
            for at in &tree.uses {
                if !known.insert((at.file.clone(), at.line)) || is_run(at) {
                    continue;
                }
                let reason = match kind {
                    RootKind::Library if at.is_of_tests => Some(Reason::LibraryTests),
                    RootKind::Library | RootKind::Bench if !at.conditions.is_empty() => {
                        Some(Reason::Condition)
                    }
                    RootKind::Library => {
                        let is_unnamed = !is_named(&root.name);
                        is_unnamed.then(|| Reason::Unnamed(root.name.clone()))
                    }
                    RootKind::Bench => None,
                    _ => Some(Reason::Target(kind, root.name.clone())),
                };
                let at = at.clone();
                found.extend(reason.map(|reason| Unrun { at, reason }));
            }
        }
    }
    let has_gaps = trees.iter().any(|(_, tree)| tree.has_gaps);
    let is_of_none = |file: &&PathBuf| !trees.iter().any(|(_, tree)| tree.files.contains(*file));
    for file in sources.iter().filter(is_of_none).filter(|_| !has_gaps) {
        let uses = tree(file, read).uses.into_iter();
        let uses = uses.filter(|at| at.file == *file && !is_run(at));
        let reason = Reason::NoModule;
        found.extend(uses.map(|at| Unrun {
            at,
            reason: reason.clone(),
        }));
    }
    found.sort_by(|a, b| (&a.at.file, a.at.line).cmp(&(&b.at.file, b.at.line)));
    found
}

/// Whether a text may use the attribute.
pub fn may_use(text: &str) -> bool {
    text.contains(NAME)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use super::{Root, RootKind, list, unrun};

    const TARGETS: [(RootKind, &str, &str); 5] = [
        (RootKind::Library, "app", "/p/src/lib.rs"),
        (RootKind::Program, "app", "/p/src/main.rs"),
        (RootKind::Test, "it", "/p/tests/it.rs"),
        (RootKind::Example, "show", "/p/examples/show.rs"),
        (RootKind::Bench, "hot", "/p/benches/hot.rs"),
    ];

    /// What is said of these files, of which `run` are cases, each by its file and line.
    fn said(files: &[(&str, &str)], run: &[(&str, usize)]) -> String {
        let files: BTreeMap<PathBuf, &str> = files
            .iter()
            .map(|(path, text)| (PathBuf::from(path), *text))
            .collect();
        let roots = TARGETS.map(|(kind, name, path)| Root {
            kind,
            name: name.to_owned(),
            path: path.into(),
        });
        let there = |root: &&Root| files.contains_key(&root.path);
        let roots: Vec<Root> = roots.iter().filter(there).cloned().collect();
        let sources: Vec<PathBuf> = files.keys().cloned().collect();
        let read = |path: &Path| files.get(path).map(|text| (*text).to_owned());
        let found = unrun(
            &roots,
            &sources,
            &read,
            &|at| {
                run.iter()
                    .any(|(file, line)| at.file == Path::new(file) && at.is_in_line(*line))
            },
            &|lib| lib == "elsewhere",
        );
        list(&found, Path::new("/p"))
    }

    const BENCH: (&str, &str) = ("/p/benches/hot.rs", "hotbench::harness!(app);");
    const CASE: &str = "#[bench_case] fn f() {}";

    #[test]
    fn what_is_run_needs_no_word() {
        let lib = ("/p/src/lib.rs", CASE);
        assert_eq!(said(&[lib, BENCH], &[("/p/src/lib.rs", 1)]), "");
        // Why it is no case can't be told: another attribute may have removed it.
        assert_eq!(said(&[lib, BENCH], &[]), "");
        let own = (
            "/p/benches/hot.rs",
            "#[bench_case] fn f() {} hotbench::harness!(crate);",
        );
        assert_eq!(said(&[own], &[("/p/benches/hot.rs", 1)]), "");
        // What the library and a program share is run.
        let shared = ("/p/src/shared.rs", CASE);
        let both = [
            ("/p/src/lib.rs", "mod shared;"),
            ("/p/src/main.rs", "mod shared;"),
            shared,
            BENCH,
        ];
        assert_eq!(said(&both, &[("/p/src/shared.rs", 1)]), "");
    }

    #[test]
    fn what_is_in_no_bench_target_is_named_with_its_place() {
        let test = "#[cfg(test)]\nmod tests {\n    #[hotbench::bench_case]\n    fn f() {}\n}";
        assert_eq!(
            said(&[("/p/src/lib.rs", test), BENCH], &[]),
            "src/lib.rs:3 is in the library's own tests alone, by `cfg(test)`"
        );
        for (path, of) in [
            ("/p/src/main.rs", "program `app`"),
            ("/p/tests/it.rs", "test `it`"),
            ("/p/examples/show.rs", "example `show`"),
        ] {
            let expected = format!("{}:1 belongs to the {of}", &path[3..]);
            assert_eq!(
                said(&[("/p/src/lib.rs", ""), (path, CASE), BENCH], &[]),
                expected
            );
        }
        assert_eq!(
            said(
                &[("/p/src/lib.rs", ""), ("/p/src/old.rs", CASE), BENCH],
                &[]
            ),
            "src/old.rs:1 is in a file that no module names"
        );
        let other = ("/p/benches/hot.rs", "hotbench::harness!(other);");
        assert_eq!(
            said(&[("/p/src/lib.rs", CASE), other], &[]),
            "src/lib.rs:1 belongs to the library `app`, which no `harness!` names"
        );
        assert_eq!(
            said(
                &[
                    (
                        "/p/src/lib.rs",
                        "#[cfg(feature = \"x\")]\n#[bench_case]\nfn f() {}"
                    ),
                    BENCH
                ],
                &[]
            ),
            "src/lib.rs:2 needs `cfg(feature = \"x\")`"
        );
    }

    #[test]
    fn a_file_that_a_macro_may_name_is_not_missed() {
        let files = [
            (
                "/p/src/lib.rs",
                "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));",
            ),
            ("/p/src/x.rs", CASE),
            BENCH,
        ];
        assert_eq!(said(&files, &[]), "");
    }

    #[test]
    fn a_long_list_is_cut() {
        let text = format!("{CASE}\n");
        let text = text.repeat(7);
        let said = said(&[("/p/tests/it.rs", &text), BENCH], &[]);
        assert!(
            said.ends_with("tests/it.rs:5 belongs to the test `it`; and 2 more"),
            "{said}"
        );
    }
}

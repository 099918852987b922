//! Where a package uses `#[bench_case]`, by its sources: what is compiled into no bench target registers nothing, and
//! nobody would miss it.
//!
//! Sources are read as text, for each target from its root on, as its modules name them. What can't be told from the
//! text, as a function that a macro makes, is left out: a use that is missed is better than one that is wrongly named.

mod lexer;
mod unrun;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use lexer::{Kind, Token, tokens};
pub use unrun::list;
pub use unrun::{Reason, Root, RootKind, Unrun, may_use, unrun};

/// The name of the attribute, to find files that may use it.
pub const NAME: &str = "bench_case";

/// A use of the attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The file that it stands in.
    pub file: PathBuf,
    /// Of the `#`.
    pub line: usize,
    /// Of the attribute's name.
    name_line: usize,
    /// The function's name.
    pub function: String,
    /// The modules that the function is in, from the root of the target.
    pub modules: Vec<String>,
    /// The conditions of all `cfg`s around it, as they are written.
    pub conditions: Vec<String>,
    /// Whether these hold in no library that is not tested itself.
    pub is_of_tests: bool,
}

impl Use {
    /// Whether its attribute stands in this line.
    pub fn is_in_line(&self, line: usize) -> bool {
        (self.line..=self.name_line).contains(&line)
    }
}

/// The sources of a target.
#[derive(Debug, Default)]
pub struct Tree {
    /// What uses the attribute.
    pub uses: Vec<Use>,
    /// All files that are read.
    pub files: HashSet<PathBuf>,
    /// Whether it has a module or an `include!` whose file was not found, so that there may be other files.
    pub has_gaps: bool,
}

/// Reads the sources of a target, from the file at its root.
pub fn tree(root: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Tree {
    let mut tree = Tree::default();
    let folder = root.parent().unwrap_or(root).to_owned();
    tree.read_file(root, folder, Scope::default(), read);
    tree
}

/// The crates that a `harness!` in a source names.
pub fn named_in_harness(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let calls = tokens.windows(3).enumerate().filter(|(_, tokens)| {
        tokens[0].is("harness") && tokens[1].is("!") && tokens[2].kind == Kind::Open
    });
    let crates = calls.flat_map(|(at, _)| {
        let inside = &tokens[at + 3..closing(&tokens, at + 2)];
        let words = inside.iter().filter(|token| token.kind == Kind::Word);
        words.map(|token| token.text.to_owned())
    });
    crates.collect()
}

/// What is around an item.
#[derive(Debug, Clone, Default)]
struct Scope {
    modules: Vec<String>,
    conditions: Vec<String>,
    is_of_tests: bool,
}

impl Scope {
    fn with_condition(&mut self, condition: &str, tokens: &[Token<'_>]) {
        let condition = condition.split_whitespace().collect::<Vec<_>>().join(" ");
        self.conditions.push(condition);
        self.is_of_tests |= holds_untested(tokens) == Some(false);
    }
}

/// Where an item is.
struct Place<'a> {
    file: &'a Path,
    source: &'a str,
    /// Where its modules have their files.
    folder: PathBuf,
    /// Whether it is in a module that has no file of its own.
    is_inline: bool,
    read: &'a dyn Fn(&Path) -> Option<String>,
}

/// What stands before an item.
#[derive(Debug, Default)]
struct Attributes {
    /// The line of each case's `#`, and of its name.
    cases: Vec<(usize, usize)>,
    path: Option<String>,
    /// The paths of `#[cfg_attr(…, path = "…")]`.
    other_paths: Vec<String>,
}

impl Tree {
    fn read_file(
        &mut self,
        file: &Path,
        folder: PathBuf,
        scope: Scope,
        read: &dyn Fn(&Path) -> Option<String>,
    ) {
        if !self.files.insert(file.to_owned()) {
            return;
        }
        let Some(source) = read(file) else {
            self.files.remove(file);
            self.has_gaps = true;
            return;
        };
        let place = Place {
            file,
            source: &source,
            folder,
            is_inline: false,
            read,
        };
        self.items(&tokens(&source), &place, scope);
    }

    fn items(&mut self, tokens: &[Token<'_>], place: &Place<'_>, mut scope: Scope) {
        let mut at = 0;
        while at < tokens.len() {
            let mut own = scope.clone();
            let mut attributes = Attributes::default();
            while let Some((is_inner, from, to)) = attribute(tokens, at) {
                let (inside, line) = (&tokens[from..to], tokens[at].line);
                if is_inner {
                    Attributes::default().read(inside, place.source, line, &mut scope);
                }
                attributes.read(inside, place.source, line, &mut own);
                at = to + 1;
            }
            at = self.item(tokens, at, place, own, &attributes);
        }
    }

    /// Reads an item, or part of a statement, and returns where it ends.
    fn item(
        &mut self,
        tokens: &[Token<'_>],
        start: usize,
        place: &Place<'_>,
        mut scope: Scope,
        attributes: &Attributes,
    ) -> usize {
        let mut at = start;
        let mut module = None;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            let name = next.filter(|next| next.kind == Kind::Word);
            match (token.kind, token.text) {
                (Kind::Word, "mod") if module.is_none() => module = name.map(|name| name.text),
                (Kind::Word, "fn") => {
                    if let Some(name) = name {
                        self.add(attributes, name.text, place, &scope);
                    }
                }
                (Kind::Word, name) if next.is_some_and(|next| next.is("!")) => {
                    // `macro_rules! name {…}` has a name before what is in it.
                    let named = tokens.get(at + 2).is_some_and(|it| it.kind == Kind::Word);
                    let open = at + 2 + usize::from(named);
                    if tokens.get(open).is_some_and(|it| it.kind == Kind::Open) {
                        let end = closing(tokens, open);
                        self.macro_call(name, &tokens[open + 1..end], place, &scope);
                        at = end;
                    }
                }
                (Kind::Open, "{") => {
                    let end = closing(tokens, at);
                    let inside = &tokens[at + 1..end];
                    match module {
                        Some(name) => {
                            scope.modules.push(name.to_owned());
                            let folder = attributes.path.as_deref().unwrap_or(name);
                            let place = Place {
                                folder: place.folder.join(folder),
                                is_inline: true,
                                ..*place
                            };
                            self.items(inside, &place, scope);
                        }
                        None => self.items(inside, place, scope),
                    }
                    return end + 1;
                }
                (Kind::Open, _) => at = closing(tokens, at),
                (Kind::Other, ";") => {
                    if let Some(name) = module {
                        scope.modules.push(name.to_owned());
                        self.module(name, place, &scope, attributes);
                    }
                    return at + 1;
                }
                // Attributes of what comes within: of arms, fields and statements.
                (Kind::Other, "#") if at > start && attribute(tokens, at).is_some() => return at,
                _ => {}
            }
            at += 1;
        }
        at.max(start + 1)
    }

    fn add(&mut self, attributes: &Attributes, name: &str, place: &Place<'_>, scope: &Scope) {
        let uses = attributes.cases.iter().map(|&(line, name_line)| Use {
            file: place.file.to_owned(),
            line,
            name_line,
            function: name.to_owned(),
            modules: scope.modules.clone(),
            conditions: scope.conditions.clone(),
            is_of_tests: scope.is_of_tests,
        });
        self.uses.extend(uses);
    }

    /// A module with a file of its own.
    fn module(&mut self, name: &str, place: &Place<'_>, scope: &Scope, attributes: &Attributes) {
        let beside = match place.is_inline {
            true => &place.folder,
            false => place.file.parent().unwrap_or(place.file),
        };
        let is_there = |file: &PathBuf| (place.read)(file).is_some();
        let named = attributes.path.iter().chain(&attributes.other_paths);
        let mut files: Vec<(PathBuf, PathBuf)> = named
            .map(|path| beside.join(path))
            .filter(is_there)
            .map(|file| (file.clone(), file.parent().unwrap_or(&file).to_owned()))
            .collect();
        if attributes.path.is_none() {
            let folder = place.folder.join(name);
            let flat = place.folder.join(format!("{name}.rs"));
            let candidates = [flat, folder.join("mod.rs")];
            let found = candidates.into_iter().find(is_there);
            files.extend(found.map(|file| (file, folder)));
        }
        self.has_gaps |= files.is_empty();
        for (file, folder) in files {
            self.read_file(&path_clean::clean(&file), folder, scope.clone(), place.read);
        }
    }

    /// What is in a macro's call can't be told, but for the modules that it declares.
    fn macro_call(&mut self, name: &str, inside: &[Token<'_>], place: &Place<'_>, scope: &Scope) {
        if name == "include" {
            match inside {
                [path, ..] if path.kind == Kind::Text => {
                    let folder = place.file.parent().unwrap_or(place.file);
                    let file = path_clean::clean(folder.join(path.text));
                    let folder = file.parent().unwrap_or(&file).to_owned();
                    self.read_file(&file, folder, scope.clone(), place.read);
                }
                _ => self.has_gaps = true,
            }
            return;
        }
        for declared in inside.windows(3) {
            if declared[0].is("mod") && declared[1].kind == Kind::Word && declared[2].is(";") {
                let mut scope = scope.clone();
                scope.conditions.push(format!("{name}!"));
                scope.modules.push(declared[1].text.to_owned());
                self.module(declared[1].text, place, &scope, &Attributes::default());
            }
        }
    }
}

impl Attributes {
    fn read(&mut self, inside: &[Token<'_>], source: &str, line: usize, scope: &mut Scope) {
        let path = |tokens: &[Token<'_>]| match tokens {
            [path, equals, value, ..] if path.is("path") && equals.is("=") => {
                Some(value.text.to_owned())
            }
            _ => None,
        };
        match inside {
            [cfg, open, .., close] if cfg.is("cfg") && open.kind == Kind::Open => {
                let condition = &source[open.start + 1..close.start];
                scope.with_condition(condition, &inside[2..inside.len() - 1]);
            }
            [first, ..] if first.is("cfg_attr") => {
                self.other_paths.extend(inside.windows(3).filter_map(path));
            }
            _ => {
                self.path = path(inside).or(self.path.take());
                // `hotbench::bench_case`, or imported.
                let words = inside.split(|token| token.kind == Kind::Open).next();
                let name = words.and_then(|words| words.last());
                if let Some(name) = name.filter(|name| name.is(NAME)) {
                    self.cases.push((line, name.line));
                }
            }
        }
    }
}

/// Whether there is an attribute: whether it is an inner one, and where what is in it begins and ends.
fn attribute(tokens: &[Token<'_>], at: usize) -> Option<(bool, usize, usize)> {
    tokens.get(at).filter(|token| token.is("#"))?;
    let is_inner = tokens.get(at + 1).is_some_and(|token| token.is("!"));
    let open = at + 1 + usize::from(is_inner);
    tokens.get(open).filter(|token| token.is("["))?;
    Some((is_inner, open + 1, closing(tokens, open)))
}

/// Where the group ends that begins at `open`.
fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    // A source that the compiler would not read either.
    tokens
        .len()
        .saturating_sub(1)
        .max(open + 1)
        .min(tokens.len())
}

/// Whether a condition holds in a library that is not tested itself, if that can be told.
fn holds_untested(condition: &[Token<'_>]) -> Option<bool> {
    let (first, rest) = condition.split_first()?;
    let parts = || {
        let inside = rest.get(1..rest.len().max(2) - 1).unwrap_or_default();
        parts(inside).into_iter().map(holds_untested)
    };
    let is_group = rest.first().is_some_and(|token| token.kind == Kind::Open);
    match first.text {
        "test" if rest.is_empty() => Some(false),
        "not" if is_group => parts().next().flatten().map(|holds| !holds),
        "all" if is_group => {
            let parts: Vec<_> = parts().collect();
            match parts.contains(&Some(false)) {
                true => Some(false),
                false => parts.iter().all(|part| *part == Some(true)).then_some(true),
            }
        }
        "any" if is_group => {
            let parts: Vec<_> = parts().collect();
            match parts.contains(&Some(true)) {
                true => Some(true),
                false => parts
                    .iter()
                    .all(|part| *part == Some(false))
                    .then_some(false),
            }
        }
        _ => None,
    }
}

/// What commas part, outside of groups.
fn parts<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0_usize;
    let parts = tokens.split(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(",")
    });
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{Tree, named_in_harness, tree};

    fn read(files: &[(&str, &str)]) -> Tree {
        let files: BTreeMap<&Path, &str> = files
            .iter()
            .map(|(path, text)| (Path::new(*path), *text))
            .collect();
        tree(Path::new("/p/src/lib.rs"), &|path| {
            files.get(path).map(|text| (*text).to_owned())
        })
    }

    /// Each use, as `a::function:line`, and `?` with its conditions or `!` if it is of tests alone.
    fn uses(files: &[(&str, &str)]) -> Vec<String> {
        let uses = read(files).uses.into_iter().map(|one| {
            let mut path = one.modules.clone();
            path.push(format!("{}:{}", one.function, one.line));
            let mark = if one.is_of_tests { '!' } else { '?' };
            let conditions = match one.conditions.is_empty() {
                true => String::new(),
                false => format!(" {mark} {}", one.conditions.join(" & ")),
            };
            path.join("::") + &conditions
        });
        uses.collect()
    }

    fn in_lib(text: &str) -> Vec<String> {
        uses(&[("/p/src/lib.rs", text)])
    }

    #[test]
    fn comments_strings_and_macros_have_no_uses() {
        let none = r##"
            // #[bench_case] fn a() {}
            /// #[hotbench::bench_case] fn a() {}
            const A: &str = r#"#[bench_case] fn a() {}"#;
            macro_rules! case { ($n:ident) => { #[hotbench::bench_case] fn $n() {} } }
            case! { #[bench_case] fn a() {} }
            case!(b);
            #[doc = "#[bench_case]"] fn c() {}
            use hotbench::bench_case;
            #[cfg_attr(feature = "x", bench_case)] fn d() {}
            fn bench_case() {}
        "##;
        assert_eq!(in_lib(none), [""; 0]);
    }

    #[test]
    fn uses_have_their_lines_functions_and_modules() {
        assert_eq!(in_lib("#[hotbench::bench_case] fn a() {}"), ["a:1"]);
        assert_eq!(
            in_lib(
                "\n#[bench_case(\"x\", args(1))]\n#[inline]\n#[bench_case]\npub async fn a<T>(n: [u8; 2]) -> u8\nwhere T: B { 1 }"
            ),
            ["a:2", "a:4"]
        );
        let text = "mod m { pub mod n {\n#[bench_case]\nfn a() {} }\n#[bench_case] fn b() {} }\n#[bench_case] fn c() {}";
        assert_eq!(in_lib(text), ["m::n::a:2", "m::b:4", "c:5"]);
        let methods = "#[bench_cases]\nimpl<T> S<T> {\n#[bench_case]\nfn a(&self) { let x = S { y: 1 }; } fn b() {}\n#[bench_case] fn c() {} }";
        assert_eq!(in_lib(methods), ["a:3", "c:5"]);
        let inside = "fn a() { if x { y() }\n#[bench_case]\nfn b() {} }";
        assert_eq!(in_lib(inside), ["b:2"]);
    }

    #[test]
    fn conditions_add_up() {
        let text = "#![cfg(unix)]\n#[cfg(test)] mod tests {\n#[bench_case] fn a() {} }\n\
                    #[cfg(feature = \"x\")]\n#[bench_case]\n#[cfg(not(test))]\nfn b() {}\n#[bench_case] fn c() {}";
        assert_eq!(
            in_lib(text),
            [
                "tests::a:3 ! unix & test",
                "b:5 ? unix & feature = \"x\" & not(test)",
                "c:8 ? unix"
            ]
        );
        for (condition, mark) in [
            ("all(unix, test)", '!'),
            ("any(test, feature = \"x\")", '?'),
            ("not(not(test))", '!'),
            ("any(test)", '!'),
            ("all(not(test), not(test),)", '?'),
            ("not(any(test, unix))", '?'),
        ] {
            let text = format!("#[cfg({condition})] #[bench_case] fn a() {{}}");
            assert_eq!(in_lib(&text), [format!("a:1 {mark} {condition}")]);
        }
    }

    #[test]
    fn modules_are_followed_to_their_files() {
        let files = [
            (
                "/p/src/lib.rs",
                "mod a;\n#[cfg(test)] mod b;\n#[path = \"other/c.rs\"] mod c;\ninclude!(\"d.rs\");\n\
                 cfg_if! { if #[cfg(x)] { mod e; } }\nmod i { mod j; }\nmod raw { }",
            ),
            ("/p/src/a.rs", "pub mod inner;"),
            ("/p/src/a/inner.rs", "#[bench_case] fn f() {}"),
            ("/p/src/b/mod.rs", "mod inner;"),
            ("/p/src/b/inner.rs", "#[bench_case] fn f() {}"),
            ("/p/src/other/c.rs", "mod inner;"),
            ("/p/src/other/inner.rs", "#[bench_case] fn f() {}"),
            ("/p/src/d.rs", "#[bench_case] fn f() {}"),
            ("/p/src/e.rs", "#[bench_case] fn f() {}"),
            ("/p/src/i/j.rs", "#[bench_case] fn f() {}"),
            ("/p/src/nobody.rs", "#[bench_case] fn f() {}"),
        ];
        assert_eq!(
            uses(&files),
            [
                "a::inner::f:1",
                "b::inner::f:1 ! test",
                "c::inner::f:1",
                "f:1",
                "e::f:1 ? cfg_if!",
                "i::j::f:1"
            ]
        );
        assert!(!read(&files).has_gaps);
        let gaps = ["mod gone;", "include!(concat!(\"a\", \"b\"));"];
        assert!(
            gaps.iter()
                .all(|text| read(&[("/p/src/lib.rs", text)]).has_gaps)
        );
    }

    #[test]
    fn sources_that_are_cut_off_end_nothing() {
        let text =
            "mod a { #[cfg(all(test))] #[bench_case(x)] fn f() { g!({ }) } impl S { } } #![cfg(x)]";
        for end in 0..text.len() {
            in_lib(&text[..end]);
        }
    }

    #[test]
    fn the_crates_of_a_harness_are_known() {
        let text = "// harness!(no)\nhotbench::harness!(app, core_parts, sample_size = 10);";
        let named = named_in_harness(text);
        assert!(named.contains(&"app".to_owned()) && named.contains(&"core_parts".to_owned()));
        assert!(named_in_harness("fn main() {}").is_empty());
    }
}

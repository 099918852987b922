//! What is asked of a source, as the compiler reads it: comments and strings say nothing.

use std::ops::Range;
use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemFn, ItemStatic, ItemUse, Macro, Path, UseTree};

pub(super) struct Source {
    file: syn::File,
    /// What the manifest calls hotbench, as code does.
    hotbench: String,
}

/// `hotbench::harness!`, where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Harness {
    /// The crates that it names.
    pub(super) crates: Vec<String>,
    /// Behind the last of them.
    pub(super) end: usize,
}

/// `fn main`, at the top of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Main {
    /// Whether it has `#[hotbench::main]`.
    pub(super) marked: bool,
    /// Where that would stand: before its other attributes.
    pub(super) start: usize,
}

/// A `#[global_allocator]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Allocator {
    pub(super) line: usize,
    /// Whether it is hotbench's.
    pub(super) wrapped: bool,
    /// Whether it is there in some builds alone.
    pub(super) conditional: bool,
    pub(super) ty: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Source {
    /// None, if the compiler would not read it either.
    pub(super) fn parse(text: &str, hotbench: &str) -> Option<Self> {
        Some(Self {
            file: syn::parse_str(text).ok()?,
            hotbench: hotbench.replace('-', "_"),
        })
    }

    /// Whether it begins with `//!` or `#![…]`, so that it can't be included.
    pub(super) fn has_inner_attributes(&self) -> bool {
        !self.file.attrs.is_empty()
    }

    pub(super) fn harness(&self) -> Option<Harness> {
        self.macros().find_map(|called| {
            let is_ours = self.is_ours(&called.path, "harness");
            is_ours.then(|| Harness::read(called))
        })
    }

    /// The files that it includes.
    pub(super) fn includes(&self) -> Vec<PathBuf> {
        let includes = self
            .macros()
            .filter(|called| called.path.is_ident("include"));
        let literals = includes.filter_map(|called| called.parse_body::<syn::LitStr>().ok());
        literals.map(|literal| literal.value().into()).collect()
    }

    pub(super) fn main(&self) -> Option<Main> {
        let main = self.file.items.iter().find_map(|item| match item {
            Item::Fn(function) if function.sig.ident == "main" => Some(function),
            _ => None,
        })?;
        let is_mark = |attribute: &Attribute| self.is_ours(attribute.path(), "main");
        Some(Main {
            marked: main.attrs.iter().any(is_mark),
            start: start(main),
        })
    }

    pub(super) fn allocators(&self) -> Vec<Allocator> {
        struct Statics<'a>(Vec<&'a ItemStatic>);
        impl<'a> Visit<'a> for Statics<'a> {
            fn visit_item_static(&mut self, item: &'a ItemStatic) {
                let is_allocator = |one: &Attribute| one.path().is_ident("global_allocator");
                if item.attrs.iter().any(is_allocator) {
                    self.0.push(item);
                }
            }
        }
        let mut statics = Statics(Vec::new());
        statics.visit_file(&self.file);
        let allocators = statics.0.into_iter().map(|item| Allocator {
            line: item.ident.span().start().line,
            wrapped: match &*item.ty {
                syn::Type::Path(ty) => self.is_ours(&ty.path, "Alloc"),
                _ => false,
            },
            conditional: item.attrs.iter().any(|one| one.path().is_ident("cfg")),
            ty: item.ty.span().byte_range(),
            value: item.expr.span().byte_range(),
        });
        allocators.collect()
    }

    /// Whether some function in it is a case.
    pub(super) fn has_cases(&self) -> bool {
        struct Cases<'a>(&'a Source, bool);
        impl Visit<'_> for Cases<'_> {
            fn visit_attribute(&mut self, attribute: &Attribute) {
                let is = |name| self.0.is_ours(attribute.path(), name);
                self.1 |= is("bench_case") || is("bench_cases");
            }
        }
        let mut cases = Cases(self, false);
        cases.visit_file(&self.file);
        cases.1
    }

    /// Whether it declares a module at its top.
    pub(super) fn has_module(&self, name: &str) -> bool {
        let mut items = self.file.items.iter();
        items.any(|item| matches!(item, Item::Mod(module) if module.ident == name))
    }

    /// Where a module may be declared: before the first one of tests, behind which Clippy wants nothing; else at the
    /// end.
    pub(super) fn place_of_module(&self) -> Option<usize> {
        let is_for_tests = |one: &Attribute| {
            let list = one.meta.require_list();
            one.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
        };
        self.file.items.iter().find_map(|item| match item {
            Item::Mod(module) if module.attrs.iter().any(is_for_tests) => {
                Some(module.span().byte_range().start)
            }
            _ => None,
        })
    }

    fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.file.items.iter().filter_map(|item| match item {
            Item::Macro(item) => Some(&item.mac),
            _ => None,
        })
    }

    /// Whether a path is that of an item of hotbench, whole or imported.
    fn is_ours(&self, path: &Path, name: &str) -> bool {
        let mut segments = path.segments.iter().map(|segment| &segment.ident);
        match (segments.next(), segments.next(), segments.next()) {
            (Some(krate), Some(item), None) => *krate == self.hotbench && item == name,
            (Some(item), None, None) => item == name && self.imports(name),
            _ => false,
        }
    }

    /// Whether a `use` anywhere in the file imports an item of hotbench, by its name or by a `*`.
    fn imports(&self, name: &str) -> bool {
        struct Uses<'a> {
            krate: &'a str,
            name: &'a str,
            found: bool,
        }
        impl Visit<'_> for Uses<'_> {
            fn visit_item_use(&mut self, item: &ItemUse) {
                if let UseTree::Path(path) = &item.tree {
                    self.found |= path.ident == self.krate && reaches(&path.tree, self.name);
                }
            }
        }
        let mut uses = Uses {
            krate: &self.hotbench,
            name,
            found: false,
        };
        visit::visit_file(&mut uses, &self.file);
        uses.found
    }
}

fn reaches(tree: &UseTree, name: &str) -> bool {
    match tree {
        UseTree::Name(one) => one.ident == name,
        UseTree::Glob(_) => true,
        UseTree::Group(group) => group.items.iter().any(|tree| reaches(tree, name)),
        UseTree::Path(_) | UseTree::Rename(_) => false,
    }
}

/// Where a function starts, behind its documentation.
fn start(function: &ItemFn) -> usize {
    let mut attributes = function.attrs.iter();
    let first = attributes.find(|attribute| !attribute.path().is_ident("doc"));
    let span = match first {
        Some(attribute) => attribute.span(),
        None => match &function.vis {
            syn::Visibility::Inherited => function.sig.span(),
            visibility => visibility.span(),
        },
    };
    span.byte_range().start
}

impl Harness {
    /// The crates come first, then the settings, each with a `=`.
    fn read(called: &Macro) -> Self {
        let mut found = Self {
            crates: Vec::new(),
            end: called.delimiter.span().open().byte_range().end,
        };
        for argument in arguments(called.tokens.clone()) {
            let [TokenTree::Ident(krate)] = argument.as_slice() else {
                break;
            };
            found.crates.push(krate.to_string());
            found.end = krate.span().byte_range().end;
        }
        found
    }
}

fn arguments(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(one) if one.as_char() == ',');
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.split(is_comma).map(<[TokenTree]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn parsed(text: &str) -> Source {
        Source::parse(text, "hotbench").expect("Rust")
    }

    #[test]
    fn comments_and_strings_say_nothing() {
        let source = parsed(
            r##"// hotbench::harness!(app); #[global_allocator] #[bench_case]
            const TEXT: &str = r#"#[hotbench::main] fn main() {}
                #[global_allocator] static A: System = System; include!("a.rs");"#;"##,
        );
        assert_eq!(source.harness(), None);
        assert_eq!(source.main(), None);
        assert!(source.allocators().is_empty() && source.includes().is_empty());
        assert!(!source.has_cases());
    }

    #[test]
    fn the_harness_is_ours_under_each_of_its_names() {
        let crates = |text: &str, key: &str| {
            let source = Source::parse(text, key).expect("Rust");
            source.harness().map(|harness| harness.crates)
        };
        let app = Some(vec!["app".to_owned()]);
        assert_eq!(crates("hotbench::harness!(app);", "hotbench"), app);
        assert_eq!(crates("hb::harness! { app }", "hb"), app);
        assert_eq!(
            crates("use hotbench::{hot, harness}; harness!(app);", "hotbench"),
            app
        );
        assert_eq!(crates("harness!(app);", "hotbench"), None);
        assert_eq!(crates("other::harness!(app);", "hotbench"), None);
    }

    #[test]
    fn a_crate_is_added_behind_the_last_one() {
        let end = |text: &str| {
            let harness = parsed(text).harness().expect("it is there");
            (text[..harness.end].to_owned(), harness.crates)
        };
        let two = vec!["one".to_owned(), "two".to_owned()];
        assert_eq!(
            end("/* ä */ hotbench::harness!(one, two, sample_size = f(three, four));"),
            ("/* ä */ hotbench::harness!(one, two".to_owned(), two)
        );
        let none = ("hotbench::harness!(".to_owned(), vec![]);
        assert_eq!(end("hotbench::harness!();"), none);
        assert_eq!(end("hotbench::harness!(sample_size = 3);"), none);
    }

    #[test]
    fn the_mark_goes_between_documentation_and_attributes() {
        for (before, after) in [
            ("/// Runs.\n", "#[tokio::main]\nasync fn main() {}"),
            ("mod a;\n\n", "pub fn main() {}"),
            ("", "fn main() {}"),
        ] {
            let text = format!("{before}{after}");
            let main = parsed(&text).main().expect("it is there");
            assert_eq!((main.start, main.marked), (before.len(), false), "{text}");
        }
        assert!(
            parsed("#[hotbench::main(sample_size = 3)] fn main() {}")
                .main()
                .expect("it")
                .marked
        );
        assert!(
            parsed("use hotbench::main; #[main] fn main() {}")
                .main()
                .expect("it")
                .marked
        );
        assert!(
            !parsed("#[tokio::main] async fn main() {}")
                .main()
                .expect("it")
                .marked
        );
        assert_eq!(parsed("mod inner { fn main() {} }").main(), None);
    }

    #[test]
    fn allocators_are_found_in_modules_too() {
        let text = "mod a {\n#[cfg(unix)]\n#[global_allocator]\nstatic A: Own<u8> = Own::new();\n}";
        let allocators = parsed(text).allocators();
        let [allocator] = allocators.as_slice() else {
            panic!("{allocators:?}")
        };
        assert_eq!(
            (allocator.line, allocator.wrapped, allocator.conditional),
            (4, false, true)
        );
        assert_eq!(&text[allocator.ty.clone()], "Own<u8>");
        assert_eq!(&text[allocator.value.clone()], "Own::new()");
        let wrapped = |text: &str| parsed(text).allocators()[0].wrapped;
        assert!(wrapped(
            "#[global_allocator] static A: hotbench::Alloc<Own> = x;"
        ));
        assert!(wrapped(
            "use hotbench::Alloc; #[global_allocator] static A: Alloc<Own> = x;"
        ));
        assert!(!wrapped(
            "use other::Alloc; #[global_allocator] static A: Alloc<Own> = x;"
        ));
    }

    #[test]
    fn a_module_is_declared_before_those_of_tests() {
        let text = "fn a() {}\n\n/// Of a.\n#[cfg(test)]\nmod tests {}\n";
        let place = parsed(text).place_of_module().expect("there is one");
        assert!(text[place..].starts_with("/// Of a."));
        assert_eq!(
            parsed("#[cfg(unix)] mod a {} // #[cfg(test)] mod b {}").place_of_module(),
            None
        );
        assert!(parsed("mod a;").has_module("a") && !parsed("mod b { mod a; }").has_module("a"));
    }

    #[test]
    fn inner_attributes_and_includes_are_seen() {
        assert!(parsed("//! Text.\nfn main() {}").has_inner_attributes());
        assert!(!parsed("// Text.\n#[test] fn main() {}").has_inner_attributes());
        let includes = parsed("include!(\"../src/main.rs\"); include!(concat!(\"a\"));").includes();
        assert_eq!(includes, [std::path::PathBuf::from("../src/main.rs")]);
    }
}

//! What is clean without an attribute is clean with it: each form of function, written on one line and on several, with
//! each attribute, in each edition, under the strictest of lints.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Said, command, folder, profiles, run};

const EDITIONS: [&str; 3] = ["2018", "2021", "2024"];

/// The attributes, by the names of their modules. The first is none at all: each form is clean by itself.
const ATTRIBUTES: [(&str, &str); 7] = [
    ("plain", ""),
    ("no_alloc", "#[hotbench::no_alloc]"),
    (
        "no_alloc_strict",
        "#[hotbench::no_alloc(deny_dealloc, forbid, warmup = 1)]",
    ),
    ("hot", "#[hotbench::hot]"),
    (
        "hot_budget",
        "#[hotbench::hot(max_allocs = 1, max_bytes = 2 * 8, warmup = 1)]",
    ),
    ("allow_alloc", "#[hotbench::allow_alloc]"),
    (
        "twice",
        "#[hotbench::no_alloc] #[hotbench::hot(max_allocs = 1)]",
    ),
];

/// A form of function. `%` is the place of the attribute.
struct Form {
    name: &'static str,
    source: &'static str,
    /// With `#[bench_case]`, what it is called with.
    case: Option<&'static str>,
    /// Whether an `#[expect]` is in it, which no crate may have that forbids the lint.
    expects: bool,
}

const fn form(name: &'static str, source: &'static str) -> Form {
    Form {
        name,
        source,
        case: None,
        expects: false,
    }
}

const fn case(name: &'static str, args: &'static str, source: &'static str) -> Form {
    Form {
        name,
        source,
        case: Some(args),
        expects: false,
    }
}

/// A lint that the function is expected to raise.
const fn expect(name: &'static str, source: &'static str) -> Form {
    Form {
        name,
        source,
        case: None,
        expects: true,
    }
}

const FORMS: &[Form] = &[
    // What is returned.
    case("unit", "", "% pub fn f() { touch(1); }"),
    case(
        "number",
        "args(1)",
        "#[must_use] % pub fn f(n: u32) -> u32 { touch(n) }",
    ),
    case(
        "explicit_return",
        "args(1)",
        "#[must_use] % pub fn f(n: u32) -> u32 { if n > 1 { return touch(n); } 1 }",
    ),
    case(
        "reference",
        "args(&[1])",
        "#[must_use] % pub fn f(list: &[u32]) -> Option<&u32> { touch(list).first() }",
    ),
    case(
        "iterator",
        "args(&[1])",
        "% pub fn f(list: &[u32]) -> impl Iterator<Item = u32> + '_ { list.iter().map(|n| n + 1) }",
    ),
    form(
        "closure",
        "% pub fn f(by: u32) -> impl Fn(&u32) -> u32 { move |n| n + by }",
    ),
    form(
        "closure_of_reference",
        "% pub fn f() -> impl for<'a> Fn(&'a str) -> &'a str { |text| touch(text) }",
    ),
    form(
        "boxed_closure",
        "#[must_use] % pub fn f(by: u32) -> Box<dyn Fn(&u32) -> u32> { Box::new(move |n| n + by) }",
    ),
    form(
        "impl_in_result",
        "/// # Errors\n/// Never.\n% pub fn f(text: &str) -> Result<impl Iterator<Item = char> + '_, std::num::ParseIntError> { let n: usize = text.parse()?; Ok(text.chars().skip(n)) }",
    ),
    form(
        "returned_future",
        "% pub fn f(n: u32) -> impl std::future::Future<Output = u32> { let n = touch(n); async move { ready().await; n } }",
    ),
    case(
        "question_mark",
        "args(\"1\")",
        "/// # Errors\n/// If it is none.\n% pub fn f(text: &str) -> Result<u32, std::num::ParseIntError> { let n: u32 = text.parse()?; Ok(n) }",
    ),
    form("never", "% pub fn f() -> ! { loop { touch(1); } }"),
    // Tails that diverge.
    form(
        "impl_that_loops",
        "% pub fn f(list: &[u32]) -> impl Iterator<Item = u32> + '_ { loop { if touch(list).is_empty() { return list.iter().map(|n| n + 1); } } }",
    ),
    form(
        "impl_that_matches",
        "% pub fn f(list: &[u32]) -> impl Iterator<Item = u32> + '_ { match touch(list).len() { 0 => list.iter().copied(), _ => panic_with(list) } } fn panic_with(list: &[u32]) -> ! { std::process::exit(i32::from(list.is_empty())) }",
    ),
    form(
        "number_that_loops",
        "#[must_use] % pub fn f(n: u32) -> u32 { loop { if touch(n) > 1 { return n; } } }",
    ),
    form(
        "loop_with_break",
        "#[must_use] % pub fn f(n: u32) -> u32 { loop { if touch(n) > 1 { break n; } } }",
    ),
    form(
        "exits",
        "#[must_use] % pub fn f(code: i32) -> u32 { std::process::exit(code) }",
    ),
    // Parameters and receivers.
    case(
        "mutable_number",
        "args(1)",
        "#[must_use] % pub fn f(mut n: u32) -> u32 { n += 1; touch(n) }",
    ),
    case(
        "owned",
        "args(String::new())",
        "#[must_use] % pub fn f(text: String) -> String { touch(text) }",
    ),
    case(
        "mutable_owned",
        "args(Vec::new())",
        "#[must_use] % pub fn f(mut list: Vec<u32>) -> Vec<u32> { list.push(1); list }",
    ),
    case(
        "only_written",
        "args(Vec::new())",
        "#[allow(clippy::needless_pass_by_value)] % pub fn f(mut list: Vec<u32>) { list.push(1); }",
    ),
    case(
        "not_used",
        "args(String::new(), 1)",
        "% pub fn f(_: String, _unused: u32) { touch(1); }",
    ),
    case(
        "underscored",
        "args(String::new(), Vec::new())",
        "#[allow(clippy::needless_pass_by_value)] % pub fn f(_text: String, _list: Vec<u32>) { touch(1); }",
    ),
    case(
        "unit_parameter",
        "args(())",
        "% pub fn f(_: ()) { touch(1); }",
    ),
    case(
        "tuple",
        "args((1, String::new()))",
        "#[must_use] % pub fn f((n, text): (u32, String)) -> (String, u32) { (touch(text), n) }",
    ),
    case(
        "tuple_of_numbers",
        "args((1, 2))",
        "#[must_use] % pub fn f((n, mut m): (u32, u32)) -> u32 { m += n; touch(m) }",
    ),
    form(
        "structure",
        "pub struct S { pub n: u32, pub text: String } #[must_use] % pub fn f(S { n, text, .. }: S) -> (u32, String) { (touch(n), text) }",
    ),
    form(
        "partly_taken",
        "#[must_use] % pub fn f((n, _): (u32, String)) -> u32 { touch(n) }",
    ),
    case(
        "dereferenced",
        "args(&1, &(2, 3))",
        "#[allow(clippy::trivially_copy_pass_by_ref)] #[must_use] % pub fn f(&n: &u32, &(a, _): &(u32, u32)) -> u32 { touch(n + a) }",
    ),
    case(
        "slice_pattern",
        "args([1, 2, 3, 4])",
        "#[must_use] % pub fn f([first, .., last]: [u32; 4]) -> u32 { touch(first) + last }",
    ),
    form(
        "bound_pattern",
        "#[must_use] % pub fn f(pair @ (n, _): (u32, u32)) -> (u32, u32) { (touch(n), pair.0) }",
    ),
    form(
        "self_by_reference",
        "pub struct S(u32); impl S { #[must_use] % pub fn f(&self) -> u32 { touch(self.0) } }",
    ),
    form(
        "self_by_mutable",
        "pub struct S(u32); impl S { % pub fn f(&mut self) -> &mut u32 { self.0 = touch(1); &mut self.0 } }",
    ),
    form(
        "self_by_value",
        "pub struct S(String); impl S { #[must_use] % pub fn f(self) -> String { touch(self.0) } }",
    ),
    form(
        "self_by_mutable_value",
        "pub struct S(String); impl S { #[must_use] % pub fn f(mut self) -> Self { self.0.push('a'); self } }",
    ),
    form(
        "self_by_box",
        "pub struct S(pub String); impl S { #[must_use] % pub fn f(self: Box<Self>) -> Box<Self> { touch(self) } }",
    ),
    form(
        "self_into_impl",
        "pub struct S(Vec<u32>); impl S { % pub fn f(self) -> impl Iterator<Item = u32> { self.0.into_iter().filter(|n| *n > 1) } }",
    ),
    form(
        "self_and_early_return",
        "pub struct S(Vec<u32>); impl S { #[must_use] % pub fn f(self, n: Option<u32>) -> Option<u32> { if self.0.is_empty() { return None; } let n = n?; self.0.into_iter().find(|m| *m == n) } }",
    ),
    form(
        "self_pinned",
        "pub struct S(u32); impl S { #[must_use] % pub fn f(self: std::pin::Pin<&mut Self>) -> u32 { touch(self.get_mut().0) } }",
    ),
    form(
        "without_self",
        "pub struct S(pub u32); impl S { #[must_use] % pub fn f(n: u32) -> Self { Self(touch(n)) } }",
    ),
    form(
        "of_trait",
        "pub trait T { fn f(&self, text: String) -> usize; fn g(&self) -> usize; } pub struct S; impl T for S { % fn f(&self, text: String) -> usize { touch(text).len() } % fn g(&self) -> usize { touch(1) } }",
    ),
    form(
        "default_of_trait",
        "pub trait T: Sized { #[must_use] % fn f(self, n: u32) -> (Self, u32) { (self, touch(n)) } #[must_use] % fn g() -> u32 { touch(1) } }",
    ),
    form(
        "iterator_of_trait",
        "pub struct S(u32); impl Iterator for S { type Item = u32; % fn next(&mut self) -> Option<Self::Item> { self.0 = self.0.checked_sub(1)?; Some(self.0) } }",
    ),
    form(
        "drop",
        "pub struct S(u32); impl Drop for S { % fn drop(&mut self) { self.0 = touch(1); } }",
    ),
    form(
        "cases_of_methods",
        "pub struct S(pub String); #[hotbench::bench_cases(with = Self(String::new()))] impl S { #[must_use] #[hotbench::bench_case] % pub fn f(&self) -> usize { touch(self.0.len()) } #[must_use] #[hotbench::bench_case(args(1))] % pub fn g(self, n: usize) -> (String, usize) { (touch(self.0), n) } }",
    ),
    // Generics.
    form(
        "generic",
        "% pub fn f<T: Copy + Into<u64>>(n: T) -> u64 { touch(n.into()) }",
    ),
    form(
        "generic_owned",
        "% pub fn f<T>(value: T, other: &T) -> T where T: Clone + PartialEq { if touch(&value) == other { other.clone() } else { value } }",
    ),
    form(
        "constant",
        "#[must_use] % pub fn f<const N: usize>(list: [u32; N]) -> u32 { touch(list).iter().sum() }",
    ),
    form(
        "lifetimes",
        "#[must_use] % pub fn f<'a, 'b: 'a>(a: &'a str, b: &'b str) -> &'a str { if touch(a).len() < b.len() { b } else { a } }",
    ),
    form(
        "impl_parameters",
        "% pub fn f(items: impl IntoIterator<Item = u32>, mut each: impl FnMut(u32)) { for item in items { each(touch(item)); } }",
    ),
    form(
        "dynamic",
        "% pub fn f(value: &dyn std::fmt::Display) -> usize { std::mem::size_of_val(touch(value)) }",
    ),
    // Qualifiers.
    case(
        "later",
        "args(1)",
        "% pub async fn f(n: u32) -> u32 { ready().await; touch(n) }",
    ),
    case(
        "later_owned",
        "args(String::new())",
        "% pub async fn f(text: String) -> String { ready().await; touch(text) }",
    ),
    form(
        "later_question",
        "/// # Errors\n/// If it is none.\n% pub async fn f(text: String) -> Result<u32, std::num::ParseIntError> { ready().await; let n: u32 = text.parse()?; Ok(n) }",
    ),
    form("later_unit", "% pub async fn f() { ready().await; }"),
    form(
        "later_self",
        "pub struct S(String); impl S { % pub async fn f(self) -> String { ready().await; touch(self.0) } % pub async fn g(&self) -> usize { ready().await; self.0.len() } }",
    ),
    form(
        "later_returned",
        "% pub async fn f(n: u32) -> u32 { ready().await; if n > 1 { return 1; } touch(n) }",
    ),
    form(
        "later_future",
        "% pub async fn f() -> std::future::Ready<u32> { ready().await; std::future::ready(touch(1)) }",
    ),
    form(
        "later_never",
        "% pub async fn f() -> ! { loop { ready().await; } }",
    ),
    form(
        "later_looping",
        "% pub async fn f(n: u32) -> u32 { loop { ready().await; if touch(n) > 1 { return n; } } }",
    ),
    form(
        "unsafely",
        "/// # Safety\n/// It can be read.\n#[must_use] % pub unsafe fn f(n: *const u32) -> u32 { unsafe { *touch(n) } }",
    ),
    form(
        "foreign",
        "#[must_use] % pub extern \"C\" fn f(n: u32) -> u32 { touch(n) }",
    ),
    form(
        "inlined",
        "#[inline] #[must_use] % pub fn f(n: u32) -> u32 { touch(n) }",
    ),
    form(
        "tracked",
        "#[track_caller] #[must_use] % pub fn f(n: u32) -> u32 { let caller = std::panic::Location::caller(); touch(n) + caller.line() }",
    ),
    form(
        "deprecated",
        "#[deprecated(note = \"for the test\")] #[must_use] % pub fn f(n: u32) -> u32 { touch(n) }",
    ),
    // What is in it.
    form(
        "nested",
        "#[must_use] % pub fn f(n: u32) -> u32 { % fn inner(n: u32) -> u32 { touch(n) + 1 } inner(n) }",
    ),
    form(
        "items",
        "#[must_use] % pub fn f(n: u32) -> u32 { const ONE: u32 = 1; static TWO: u32 = 2; touch(n) + ONE + TWO }",
    ),
    form(
        "inner_attributes",
        "#[must_use] % pub fn f(n: u32) -> u32 { #![allow(clippy::let_and_return)] let twice = touch(n); twice }",
    ),
    form(
        "inner_loop",
        "#[must_use] % pub fn f(list: &[u32]) -> u32 { let mut sum = 0; for n in list { sum += touch(n); } sum }",
    ),
    form(
        "block_tail",
        "#[must_use] % pub fn f(n: u32) -> u32 { let n = { let m = touch(n); m + 1 }; if n > 1 { n } else { 0 } }",
    ),
    form(
        "temporary_tail",
        "#[must_use] % pub fn f(list: &std::cell::RefCell<Vec<u32>>) -> usize { touch(list).borrow().len() }",
    ),
    form(
        "empty",
        "#[allow(clippy::missing_const_for_fn)] % pub fn f() {}",
    ),
    form(
        "from_a_macro",
        "macro_rules! make { ($name:ident, $arg:ident: $ty:ty, $value:expr) => { #[must_use] % pub fn $name($arg: $ty) -> $ty { touch($arg) + $value * 2 } }; } make!(f, n: u32, 1 + 2);",
    ),
    form(
        "method_from_a_macro",
        "macro_rules! make { ($name:ident, $self:ident, $body:expr) => { #[must_use] % pub fn $name($self) -> String { $body } }; } pub struct S(String); impl S { make!(f, self, touch(self.0)); }",
    ),
    form(
        "whole_from_a_macro",
        "macro_rules! make { ($item:item) => { % $item }; } make! { #[must_use] pub fn f(text: String) -> String { touch(text) } }",
    ),
    form(
        "raw_names",
        "#[must_use] % pub fn r#try(r#type: u32) -> u32 { touch(r#type) }",
    ),
    // Lints of the function, which are expected of it.
    expect(
        "e_needless_pass_by_value",
        "#[expect(clippy::needless_pass_by_value)] #[must_use] % pub fn f(text: String) -> usize { touch(&text).len() }",
    ),
    expect(
        "e_boxed_local",
        "#[expect(clippy::boxed_local, clippy::needless_pass_by_value)] #[must_use] % pub fn f(n: Box<u32>) -> u32 { touch(*n) }",
    ),
    expect(
        "e_unused_async",
        "#[expect(clippy::unused_async)] % pub async fn f(n: u32) -> u32 { touch(n) }",
    ),
    expect(
        "e_missing_const_for_fn",
        "#[expect(clippy::missing_const_for_fn)] #[must_use] % pub fn f(n: u32) -> u32 { n }",
    ),
    expect(
        "e_unused_variables",
        "#[expect(unused_variables, clippy::needless_pass_by_value)] % pub fn f(n: u32, text: String) { touch(1); }",
    ),
    expect(
        "e_on_parameter",
        "#[expect(clippy::needless_pass_by_value)] % pub fn f(#[expect(unused_variables)] n: u32, #[expect(unused_variables)] text: String) { touch(1); }",
    ),
    expect(
        "e_unused_mut",
        "#[expect(unused_mut)] #[must_use] % pub fn f(mut n: u32, mut text: String) -> (u32, String) { (touch(n), text) }",
    ),
    expect(
        "e_needless_return",
        "#[expect(clippy::needless_return)] #[must_use] % pub fn f(n: u32) -> u32 { return touch(n); }",
    ),
    expect(
        "e_let_and_return",
        "#[expect(clippy::let_and_return)] #[must_use] % pub fn f(n: u32) -> u32 { let m = touch(n); m }",
    ),
    expect(
        "e_too_many_arguments",
        "#[expect(clippy::too_many_arguments)] % pub fn f(_: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32) { touch(1); }",
    ),
    expect(
        "e_unnecessary_wraps",
        "#[expect(clippy::unnecessary_wraps)] fn f(n: u32) -> Option<u32> { Some(touch(n)) } pub fn g() { touch(f(1)); }",
    ),
    expect(
        "e_must_use_candidate",
        "#[expect(clippy::must_use_candidate)] % pub fn f(n: u32) -> u32 { touch(n) }",
    ),
    expect(
        "e_dead_code",
        "#[expect(dead_code)] % fn f(n: u32) -> u32 { touch(n) }",
    ),
    expect(
        "e_unreachable_code",
        "#[expect(unreachable_code)] #[must_use] % pub fn f(n: u32) -> u32 { return touch(n); n + 1 }",
    ),
    expect(
        "e_names",
        "#[expect(non_snake_case)] #[must_use] % pub fn F(N: u32, Text: String) -> (u32, String) { (touch(N), Text) }",
    ),
    expect(
        "e_used_underscore_binding",
        "#[expect(clippy::used_underscore_binding)] #[must_use] % pub fn f(_n: u32, _text: String) -> (u32, String) { (touch(_n), _text) }",
    ),
    expect(
        "e_unused_self",
        "struct S; impl S { #[expect(clippy::unused_self)] % fn f(&self) { touch(1); } } pub fn g() { S.f(); }",
    ),
    expect(
        "e_needless_lifetimes",
        "#[expect(clippy::needless_lifetimes)] #[must_use] % pub fn f<'a>(text: &'a str) -> &'a str { touch(text) }",
    ),
    expect(
        "e_conditional",
        "#[cfg_attr(all(), expect(clippy::needless_pass_by_value, reason = \"for the test\"))] #[must_use] % pub fn f(text: String) -> usize { touch(&text).len() }",
    ),
    expect(
        "e_after",
        "% #[expect(clippy::needless_pass_by_value)] #[must_use] pub fn f(#[cfg_attr(all(), expect(unused_variables))] n: u32, text: String) -> usize { touch(&text).len() }",
    ),
];

/// The source on several lines.
fn on_several_lines(source: &str) -> String {
    source
        .replace("{ ", "{\n")
        .replace(" }", "\n}")
        .replace("; ", ";\n")
        .replace("] ", "]\n")
}

/// What lays a source out.
type Layout = fn(&str) -> String;

const LAYOUTS: [(&str, Layout); 2] = [("one", str::to_owned), ("several", on_several_lines)];

/// The source of a crate with all forms. What only some modes have is under their `cfg`s.
fn source() -> String {
    let mut source = String::from(
        "#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]\n\
         #![cfg_attr(feature = \"forbidding\", forbid(clippy::all, clippy::pedantic, clippy::nursery, clippy::shadow_same, unused, unsafe_op_in_unsafe_fn))]\n\
         #[inline(never)]\npub fn touch<T>(value: T) -> T {\nstd::hint::black_box(Some(value)).unwrap_or_else(|| std::process::exit(1))\n}\n\
         pub async fn ready() {\nstd::future::ready(()).await;\n}\n",
    );
    for form in FORMS {
        for (layout, written) in LAYOUTS {
            let mut module = |attribute: &str, with: &str| {
                if form.expects || form.source.contains("allow(") {
                    source.push_str("#[cfg(not(feature = \"forbidding\"))]\n");
                }
                writeln!(source, "pub mod {}_{layout}_{attribute} {{", form.name).expect("text");
                for helper in ["ready", "touch"] {
                    if form.source.contains(&format!("{helper}(")) {
                        writeln!(source, "use crate::{helper};").expect("text");
                    }
                }
                let text = written(form.source).replace('%', with);
                writeln!(source, "{text}\n}}").expect("text");
            };
            for (attribute, with) in ATTRIBUTES {
                module(attribute, with);
            }
            if let Some(args) = form.case {
                module("bench_case", &format!("#[hotbench::bench_case({args})]"));
                module(
                    "guarded_case",
                    &format!("#[hotbench::bench_case({args})] #[hotbench::hot]"),
                );
            }
        }
    }
    source
}

/// A workspace with the crate in each edition.
fn workspace() -> PathBuf {
    let workspace = folder("lints");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runtime = root.join("../runtime");
    let members = EDITIONS.map(|edition| format!("\"e{edition}\"")).join(", ");
    let manifest = format!(
        "[workspace]\nresolver = \"2\"\nmembers = [{members}]\n\n{}",
        profiles()
    );
    fs::write(workspace.join("Cargo.toml"), manifest).expect("it can be written");
    fs::copy(
        root.join("fixtures/Cargo.lock"),
        workspace.join("Cargo.lock"),
    )
    .expect("copied");
    for edition in EDITIONS {
        let member = workspace.join(format!("e{edition}/src"));
        fs::create_dir_all(&member).expect("it can be made");
        let manifest = format!(
            "[package]\nname = \"e{edition}\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n\n\
             [dependencies]\nhotbench = {{ path = {runtime:?} }}\n\n\
             [features]\nforbidding = []\nlive = [\"hotbench/harness\"]\nprofiled = [\"hotbench/profile\"]\n"
        );
        fs::write(member.join("../Cargo.toml"), manifest).expect("it can be written");
        fs::write(member.join("lib.rs"), source()).expect("it can be written");
    }
    workspace
}

/// Clippy on the crates of the workspace, for a set of features.
fn clippy(workspace: &Path, arguments: &str) -> Said {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["clippy", "--workspace", "--keep-going"]);
    cargo.args(arguments.split(' ').filter(|argument| !argument.is_empty()));
    run(command(&mut cargo, ".", &[]).current_dir(workspace))
}

#[test]
fn no_attribute_adds_a_lint_to_any_form_of_function() {
    let workspace = workspace();
    for features in [
        "",
        "--features forbidding",
        "--features live",
        "--features live,forbidding",
    ] {
        clippy(&workspace, features).passed();
    }
    // Where the guard is compiled in, but not live.
    let not_live = EDITIONS
        .map(|edition| format!("--config profile.dev.package.e{edition}.debug-assertions=false"))
        .join(" ");
    clippy(&workspace, &format!("--features live {not_live}")).passed();
}

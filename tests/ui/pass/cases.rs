//! Every function that can be a case, and every item that can be kept to builds with the harness.

#![deny(warnings)]

use std::borrow::Cow;
use std::collections::HashMap;

#[hotbench::bench_only]
use hotbench::Bencher;
use hotbench::{bench_case, bench_only, hot, no_alloc};

#[bench_case]
fn alone() -> u64 {
    1
}

#[bench_case()]
fn unit() {}

#[bench_case(
    "all of them",
    group = "adding",
    baseline,
    args(1, 2),
    max_allocs = 0,
    max_bytes = 0
)]
#[bench_case(args(2, 1), no_alloc, group = "adding", crate = ::hotbench,)]
#[bench_case("third", args(LIMIT, LIMIT + 1), max_allocs = LIMIT, crate = hotbench)]
const fn add(a: u64, b: u64) -> u64 {
    a + b
}

#[bench_case("ignored", ignore, args(1, 2))]
#[bench_case(
    "settings",
    args(1, 2),
    sample_size = 10,
    warm_up_time = std::time::Duration::from_millis(1),
    measurement_time = std::time::Duration::from_millis(2)
)]
#[bench_case("checked", args(1, 2), check = |sum| assert_eq!(*sum, 3))]
#[bench_case("by a path", args(1, 2), check = is_three)]
#[bench_case("counted", args(1, 2), throughput = Elements(2))]
#[bench_case("in bytes", args(1, 2), throughput = Bytes(size_of::<u64>() * 2))]
#[bench_case("in both", args(1, 2), throughput = (Elements(2_u8), Bytes(16_i64)))]
fn total(a: u64, b: u64) -> u64 {
    a + b
}

#[hotbench::bench_only]
fn is_three(sum: &u64) {
    assert_eq!(*sum, 3);
}

/// What is checked may borrow from what is given.
#[bench_case(args(&"a b".repeat(2)), check = |word| assert_eq!(*word, Some("a")))]
fn first<'a>(text: &'a str) -> Option<&'a str> {
    text.split(' ').next()
}

// Sweeps, over whatever can be iterated over and shown.

#[bench_case("array", for n in [1, 2], args(n, n))]
#[bench_case("range", for n in 0..3, args(n, 1), check = |sum| assert_eq!(*sum, n + 1))]
#[bench_case("nested", for n in [1, 2], for m in n..=2 * n, args(n, m), max_allocs = m)]
#[bench_case("const", for n in SIZES, args(n, n), throughput = Elements(n))]
#[bench_case("static", for n in &SIZES, args(*n, *n))]
#[bench_case("reference", for n in SIZES.iter().rev().step_by(2), args(*n, 1))]
#[bench_case("pairs", for pair in [(1, 2), (3, 4)], args(pair.0, pair.1))]
fn swept(a: u64, b: u64) -> u64 {
    a + b
}

const SIZES: [u64; 3] = [1, 64, 1024];

// Generic functions.

#[bench_case("one", types(u8, Vec<u8>, &'static str, [u8; 2], dyn Fn(u8) -> u8))]
fn name_of<T: ?Sized>() -> &'static str {
    std::any::type_name::<T>()
}

#[bench_case("swapped", types((Right, Left), (Left, Right)))]
#[bench_case("path", types((std::collections::HashMap<u8, u8>, self::Left),))]
fn sizes<Left, Right>() -> usize {
    size_of::<Left>() + size_of::<Right>()
}

struct Left;
struct Right;

#[bench_case("literal", consts(1, -2, 1 + 2), args(N))]
#[bench_case("own name", consts(N), for n in [N, N + 1], args(n), check = |sum| assert!(*sum >= N))]
const fn shifted<const N: i32>(n: i32) -> i32 {
    n + N
}

const N: i32 = 7;

#[bench_case(
    types(u32, u64),
    consts(1, 4),
    for n in [1, N],
    args(&[T::default(); N], n),
    check = |last: &Option<T>| assert!(last.is_some()),
    throughput = Elements(N),
    max_bytes = size_of::<T>() as u64
)]
fn nth<'a, T: Default + Copy, const N: usize>(values: &'a [T; N], n: usize) -> Option<T>
where
    T: 'a,
{
    values.get(n - 1).copied()
}

#[bench_case(types(u8, u64), consts(3))]
#[hotbench::bench_only]
fn own_generic<T: Default, const N: usize>(bencher: &mut Bencher) {
    bencher.iter(|| std::array::from_fn::<T, N, _>(|_| T::default()));
}

#[bench_case(types(u8), args(1, |n| n + 1))]
#[allow(non_camel_case_types)]
fn r#generic<r#type: Into<u64>>(n: r#type, then: impl Fn(u64) -> u64) -> u64 {
    then(n.into())
}

// What is lent.

#[bench_case("array", args(&mut [3, 1, 2]))]
#[bench_case("vec", args(&mut vec![3, 1, 2]))]
#[bench_case("checked", args(&mut [3, 1, 2]), check = |_: &()| ())]
#[bench_case("swept", for n in [1, 9], args(&mut vec![n; n as usize]))]
fn sort(numbers: &mut [u64]) {
    numbers.sort_unstable();
}

#[bench_case(args(&mut String::new(), "abc"), check = |len| assert_eq!(*len, 3), max_allocs = 1)]
fn pushed(buffer: &mut String, text: &str) -> usize {
    buffer.push_str(text);
    buffer.len()
}

#[bench_case(args(String::from("a"), &mut Vec::new(), &mut 0, "b"))]
fn collected(owned: String, list: &mut Vec<String>, count: &mut u64, text: &str) -> Option<u64> {
    list.push(owned);
    *count += text.len() as u64;
    Some(*count)
}

#[bench_case(args(&mut [1, 2]))]
fn borrowed(numbers: &mut [u64]) -> &mut u64 {
    &mut numbers[0]
}

#[bench_case(args(&mut 1), check = |text| assert_eq!(*text, "static"))]
fn not_borrowed(_: &mut u64) -> &'static str {
    "static"
}

#[derive(Debug, Clone)]
enum Kind {
    Short,
    Long(usize),
}

#[bench_case("text", for text in ["", "a b", "\n"], args(text, Kind::Short))]
#[bench_case("owned", for text in ["a".to_owned(), "b".to_owned()], args(&text, Kind::Short))]
#[bench_case("debug", for kind in [Kind::Short, Kind::Long(3)], args("abc", kind.clone()))]
#[bench_case("made", for n in [1_usize, 2], args(&"a".repeat(n), Kind::Long(n)))]
fn cut(text: &str, kind: Kind) -> &str {
    match kind {
        Kind::Short => text.get(..1).unwrap_or(text),
        Kind::Long(n) => text.get(..n).unwrap_or(text),
    }
}

#[bench_case(for numbers in [vec![2, 1], vec![3]], args(numbers.clone()))]
fn sorted(mut numbers: Vec<u64>) -> Vec<u64> {
    numbers.sort_unstable();
    numbers
}

const LIMIT: u64 = 1;
const THREE: u64 = add(1, 2);

mod nested {
    mod private {
        use hotbench::bench_case;

        #[bench_case(args(super::WORDS))]
        pub(in crate::nested) fn words(text: &str) -> usize {
            text.split(' ').count()
        }
    }

    const WORDS: &str = "one two";

    pub(super) fn words() -> usize {
        private::words(WORDS)
    }
}

// References.

#[bench_case("literal", args("a b"))]
#[bench_case("temporary", args(&"a b".repeat(10)))]
#[bench_case("owner", args(&String::from("a b")))]
fn first_word(text: &str) -> Option<&str> {
    text.split(' ').next()
}

#[bench_case("array", args(&[1, 2]))]
#[bench_case("empty", args(&[]))]
#[bench_case("vec", args(&vec![1, 2]))]
#[bench_case("slice", args(&[1, 2, 3][1..]))]
fn sum(numbers: &[u64]) -> u64 {
    numbers.iter().sum()
}

#[bench_case(args(&"one".to_owned(), &vec![1], &HashMap::from([(1, 2)])))]
fn several(text: &str, numbers: &[u8], map: &HashMap<u64, u64>) -> usize {
    text.len() + numbers.len() + map.len()
}

#[bench_case(args("a", "b"))]
fn lifetimes<'a, 'b: 'a>(a: &'a str, b: &'b str) -> &'a str
where
    'b: 'a,
{
    if a.is_empty() { b } else { a }
}

#[bench_case(args("text"))]
fn static_text(text: &'static str) -> &'static str {
    text
}

#[bench_case(args(&1))]
fn dynamic(value: &dyn std::fmt::Display) -> usize {
    size_of_val(value)
}

// Values.

#[derive(Clone, Copy)]
struct Copied(u64);

struct Owned(u64);

#[bench_case(args(1, 2.0, 'c', true, Copied(1), (1, 2), [1; 4]))]
fn copied(
    a: u8,
    b: f32,
    c: char,
    d: bool,
    e: Copied,
    (f, _): (u64, u64),
    [g, ..]: [u64; 4],
) -> u64 {
    let _ = (b, c, d);
    u64::from(a) + e.0 + f + g
}

#[bench_case("into", args("text".into(), Vec::new(), Owned(1)))]
#[bench_case("from", args(String::from("text"), vec![1], Owned(1)))]
fn owned(text: String, numbers: Vec<u64>, Owned(n): Owned) -> usize {
    text.len() + numbers.len() + usize::try_from(n).unwrap_or(0)
}

#[bench_case(args(&"a".to_owned(), "b".to_owned(), 3, &[4], Box::new(5)))]
fn mixed(a: &str, b: String, c: u64, d: &[u64], e: Box<u64>) -> u64 {
    a.len() as u64 + b.len() as u64 + c + d[0] + *e
}

#[bench_case("some", args(Some("text")))]
#[bench_case("none", args(None))]
fn optional(text: Option<&str>) -> usize {
    text.map_or(0, str::len)
}

#[bench_case("borrowed", args(Cow::Borrowed("text")))]
#[bench_case("owned", args("text".to_owned().into()))]
fn cow(text: Cow<'_, str>) -> usize {
    text.len()
}

#[bench_case(args(Some("text")))]
fn named_lifetime<'a>(text: Option<&'a str>) -> Option<&'a str> {
    text
}

#[bench_case(args(|n| n + 1, Box::new(|n| n * 2)))]
fn functions(f: fn(u64) -> u64, g: Box<dyn Fn(u64) -> u64>) -> u64 {
    g(f(1))
}

#[bench_case(args([1, 2], |n: u64| n + 1))]
fn impl_argument(items: impl IntoIterator<Item = u64>, f: impl Fn(u64) -> u64) -> u64 {
    items.into_iter().map(f).sum()
}

#[bench_case(args("abc"))]
fn impl_result(text: &str) -> impl Iterator<Item = char> {
    text.chars().rev()
}

#[bench_case(args("abc".to_owned()))]
fn owned_result(text: String) -> Vec<String> {
    vec![text]
}

#[bench_case(args(vec!["a", "b"]))]
fn borrowed_items<'a>(words: Vec<&'a str>) -> Vec<&'a str> {
    words
}

#[bench_case(args("1"))]
fn fallible(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.parse()
}

// Qualifiers, names and patterns.

#[bench_case(args(1))]
extern "C" fn foreign(n: u64) -> u64 {
    n
}

#[bench_case(args(1))]
fn mutable(mut n: u64) -> u64 {
    n += 1;
    n
}

#[bench_case(args(1, "text".to_owned()))]
fn wildcards(_: u64, _: String) {}

#[bench_case(args(1))]
fn r#try(r#type: u64) -> u64 {
    r#type
}

#[bench_case(args(1))]
fn bencher(bencher: u64) -> u64 {
    bencher
}

#[bench_case(args(1, &2))]
fn arg0(arg1: u64, arg0: &u64) -> u64 {
    arg1 + arg0
}

#[bench_case(args(1))]
fn inner_attributes(n: u64) -> u64 {
    //! Said inside.
    #![allow(unused_variables)]
    let unused = 1;
    n
}

#[bench_case(args(1))]
#[must_use]
#[inline]
pub fn attributed(#[allow(unused_variables)] n: u64) -> u64 {
    1
}

#[no_alloc]
#[bench_case("outside", args(1), no_alloc)]
#[hot(max_allocs = 1)]
#[bench_case("inside", args(1), no_alloc)]
fn guarded(n: u64) -> u64 {
    n
}

macro_rules! case {
    ($name:ident, $label:literal, $arg:expr, $ty:ty, $body:block) => {
        #[bench_case($label, args($arg))]
        fn $name(_: $ty) $body
    };
}

case!(from_macro, "label", 1 + 1, u64, { assert_eq!(1, 1) });

// Functions that measure for themselves.

#[bench_case]
fn own(bencher: &mut Bencher) {
    bencher.iter(|| fixtures::NUMBERS.iter().sum::<u64>());
}

#[bench_case("named", no_alloc, group = "own", baseline)]
#[bench_case("again", group = "own")]
fn own_by_path(b: &mut hotbench::Bencher<'_>) {
    b.iter_batched_ref(
        || fixtures::numbers(),
        |numbers| numbers.sort_unstable(),
        hotbench::BatchSize::SmallInput,
    );
}

// Items that only cases need.

#[bench_only]
mod fixtures {
    //! Said inside.

    pub const NUMBERS: [u64; 3] = [3, 1, 2];

    pub fn numbers() -> [u64; 3] {
        NUMBERS
    }
}

#[bench_only]
use fixtures::{NUMBERS, numbers};

#[bench_only(crate = hotbench)]
const FIRST: u64 = NUMBERS[0];

#[bench_only]
static SECOND: u64 = NUMBERS[1];

#[bench_only()]
fn third() -> u64 {
    numbers()[2]
}

#[bench_only]
struct Fixture(u64);

#[bench_only]
impl Fixture {
    fn total(&self) -> u64 {
        self.0 + FIRST + SECOND + third()
    }
}

impl Owned {
    #[bench_only]
    fn value(&self) -> u64 {
        self.0
    }
}

#[bench_only]
type Number = u64;

#[bench_only]
macro_rules! number {
    () => {
        1
    };
}

#[bench_case]
#[bench_only]
fn of_fixtures() -> u64 {
    Fixture(number!()).total()
}

/// The `Self` in it is not that of an `impl` around it.
#[bench_case(args(1))]
fn own_items(n: u64) -> u64 {
    struct Twice(u64);
    impl Twice {
        fn of(n: u64) -> Self {
            Self(2 * n)
        }
    }
    Twice::of(n).0
}

fn main() {
    let (mut list, mut count, mut numbers) = (Vec::new(), 0, [2, 1]);
    sort(&mut numbers);
    assert_eq!(pushed(&mut String::new(), "ab"), 2);
    assert_eq!(
        collected("a".to_owned(), &mut list, &mut count, "b"),
        Some(1)
    );
    assert_eq!(*borrowed(&mut numbers), 1);
    assert_eq!(not_borrowed(&mut 1), "static");
    assert_eq!((name_of::<u8>(), sizes::<Left, Right>()), ("u8", 0));
    assert_eq!((shifted::<1>(2), nth(&[1], 1)), (3, Some(1)));
    assert_eq!(r#generic(1_u8, |n| n), 1);
    assert_eq!((swept(1, 2), cut("ab", Kind::Long(1))), (3, "a"));
    assert_eq!(sorted(vec![2, 1]), [1, 2]);
    assert_eq!((total(1, 2), first("a")), (3, Some("a")));
    #[bench_case(args(LOCAL))]
    fn local(n: u64) -> u64 {
        n
    }
    const LOCAL: u64 = 1;

    assert_eq!(alone(), 1);
    unit();
    assert_eq!(THREE, 3);
    assert_eq!(nested::words(), 2);
    assert_eq!(first_word("a b"), Some("a"));
    assert_eq!(sum(&[1, 2]), 3);
    assert_eq!(several("a", &[1], &HashMap::new()), 2);
    assert_eq!(lifetimes("", "b"), "b");
    assert_eq!(static_text("text"), "text");
    assert_eq!(dynamic(&1_u64), 8);
    assert_eq!(copied(1, 2.0, 'c', true, Copied(1), (1, 2), [1; 4]), 4);
    assert_eq!(owned(String::new(), vec![1], Owned(1)), 2);
    assert_eq!(mixed("a", "b".to_owned(), 3, &[4], Box::new(5)), 14);
    assert_eq!(optional(None), 0);
    assert_eq!(cow("text".into()), 4);
    assert_eq!(named_lifetime(None), None);
    assert_eq!(functions(|n| n, Box::new(|n| n)), 1);
    assert_eq!(impl_argument([1], |n| n), 1);
    assert!(impl_result("ab").eq(['b', 'a']));
    assert_eq!(owned_result("a".to_owned()), ["a"]);
    assert_eq!(borrowed_items(vec!["a"]), ["a"]);
    assert_eq!(fallible("1"), Ok(1));
    assert_eq!(foreign(1), 1);
    assert_eq!(mutable(1), 2);
    wildcards(1, String::new());
    assert_eq!(r#try(1), 1);
    assert_eq!(bencher(1), 1);
    assert_eq!(arg0(1, &2), 3);
    assert_eq!(inner_attributes(1), 1);
    assert_eq!(attributed(2), 1);
    assert_eq!(guarded(1), 1);
    from_macro(1);
    let _: [fn(&mut Bencher); 2] = [own, own_by_path];
    let number: Number = of_fixtures();
    assert_eq!(number, 7);
    assert_eq!(Owned(1).value(), 1);
    assert_eq!(local(1), 1);
    assert_eq!(own_items(1), 2);
}

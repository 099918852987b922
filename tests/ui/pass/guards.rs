//! Every function that the guard attributes take, called in a region that it must not allocate in.

#![deny(warnings)]

use std::error::Error;
use std::fmt::Display;
use std::pin::Pin;
use std::rc::Rc;

use hotbench::{allow_alloc, hot, no_alloc};

// The attributes, alone and together.

#[no_alloc]
fn free(a: u64, b: u64) -> u64 {
    a + b
}

#[no_alloc()]
pub fn no_arguments() {}

#[hot]
fn hot_without_budget(n: u64) -> Box<u64> {
    Box::new(n)
}

const BYTES: u64 = 64;

#[hot(max_allocs = 1, max_bytes = 2 * BYTES)]
fn hot_with_budget(n: u64) -> Box<u64> {
    Box::new(n)
}

#[hot(max_bytes = size_of::<u64>() as u64, crate = ::hotbench,)]
fn hot_with_bytes(n: u64) -> Box<u64> {
    Box::new(n)
}

#[no_alloc(crate = hotbench)]
#[hot(max_allocs = 0)]
#[inline]
#[must_use]
fn stacked() -> bool {
    true
}

#[allow_alloc]
fn exempt(text: &str) -> usize {
    text.to_owned().len()
}

#[no_alloc]
fn calls_exempt(text: &str) -> usize {
    exempt(text) + hotbench::allow_alloc(|| text.to_owned()).len()
}

mod nested {
    mod private {
        use hotbench::no_alloc;

        #[no_alloc]
        pub(in crate::nested) fn double(n: u64) -> u64 {
            n * super::TWO
        }
    }

    const TWO: u64 = 2;

    #[hotbench::no_alloc]
    pub(super) fn quadruple(n: u64) -> u64 {
        private::double(private::double(n))
    }
}

// Receivers.

#[derive(Clone)]
struct Counter {
    count: u64,
    label: String,
}

impl Counter {
    #[hot(max_allocs = 1)]
    fn new(label: &str) -> Self {
        Self {
            count: 0,
            label: label.to_owned(),
        }
    }

    #[no_alloc]
    fn by_reference(&self) -> &str {
        &self.label
    }

    #[no_alloc]
    fn by_mutable_reference(&mut self, by: u64) -> &mut u64 {
        self.count += by;
        &mut self.count
    }

    #[no_alloc]
    fn by_typed_reference(self: &Self) -> u64 {
        self.count
    }

    #[no_alloc]
    fn by_value(self) -> usize {
        self.label.len()
    }

    #[no_alloc]
    fn by_mutable_value(mut self, by: u64) -> Self {
        self.count += by;
        self
    }

    #[no_alloc]
    fn by_box(self: Box<Self>) -> u64 {
        self.count
    }

    #[no_alloc]
    fn by_mutable_box(mut self: Box<Self>) -> Box<Self> {
        self.count += 1;
        self
    }

    #[no_alloc]
    fn by_rc(self: Rc<Self>) -> u64 {
        self.count
    }

    #[no_alloc]
    fn by_pin(self: Pin<&mut Self>) -> u64 {
        self.get_mut().count
    }

    #[no_alloc]
    fn unused_value(self) {}

    #[no_alloc]
    fn value_with_early_return(self, limit: Option<u64>) -> Option<u64> {
        if self.count > limit? {
            return None;
        }
        Some(self.count)
    }

    #[no_alloc]
    fn value_and_patterns(self, (a, mut b): (u64, u64), _: u64) -> u64 {
        b += a;
        self.count + b
    }

    #[no_alloc]
    fn value_into_impl(self) -> impl Iterator<Item = u64> {
        (0..self.count).filter(|n| n % 2 == 0)
    }

    #[hot(max_allocs = 1)]
    fn value_into_fallible(self) -> Result<impl Iterator<Item = u64>, Box<dyn Error>> {
        let skipped: usize = self.label.parse()?;
        Ok((0..self.count).skip(skipped))
    }

    #[no_alloc]
    fn value_into_closure(self) -> impl Fn(u64) -> u64 {
        move |n| self.count + n
    }

    #[no_alloc]
    fn value_into_future(self) -> impl Future<Output = u64> {
        async move { self.count }
    }

    #[no_alloc]
    fn value_and_never(self) -> ! {
        std::process::exit(i32::from(self.label.is_empty()))
    }

    #[no_alloc]
    fn value_with_reference<'a>(self, text: &'a str) -> &'a str {
        &text[..self.label.len()]
    }

    #[no_alloc]
    fn value_and_elided_reference(self, text: &str) -> &str {
        &text[self.label.len()..]
    }

    #[allow_alloc]
    fn exempt_by_value(self) -> String {
        self.label.repeat(2)
    }

    #[allow_alloc]
    fn exempt_by_reference(&self) -> String {
        self.label.repeat(2)
    }

    #[hot(max_allocs = 1)]
    fn hot_by_value(self) -> String {
        self.label.repeat(2)
    }
}

// Traits.

trait Shape {
    fn area(&self) -> u64;

    #[no_alloc]
    fn doubled(&self) -> u64 {
        self.area() * 2
    }

    #[no_alloc]
    fn consumed(self) -> u64
    where
        Self: Sized,
    {
        self.area()
    }

    #[no_alloc]
    fn consumed_box(self: Box<Self>) -> u64 {
        self.area()
    }

    #[allow_alloc]
    fn named() -> String {
        "shape".to_owned()
    }
}

struct Square(u64);

impl Shape for Square {
    #[no_alloc]
    fn area(&self) -> u64 {
        self.0 * self.0
    }

    #[hot(max_allocs = 0)]
    fn consumed(self) -> u64 {
        self.0
    }
}

impl Drop for Square {
    #[no_alloc]
    fn drop(&mut self) {
        self.0 = 0;
    }
}

impl Iterator for Counter {
    type Item = u64;

    #[no_alloc]
    fn next(&mut self) -> Option<Self::Item> {
        self.count = self.count.checked_sub(1)?;
        Some(self.count)
    }
}

// Patterns in parameters.

struct Point {
    x: u64,
    y: u64,
    label: String,
}

#[no_alloc]
fn tuple((a, _): (u64, String)) -> u64 {
    a
}

#[no_alloc]
fn nested_mutable((mut a, [b, ..]): (u64, [u64; 3])) -> u64 {
    a += b;
    a
}

#[no_alloc]
fn mutable(mut n: u64) -> u64 {
    n += 1;
    n
}

#[no_alloc]
fn wildcards(_: String, _: u64, _unused: Vec<u8>) {}

#[no_alloc]
fn structure(Point { x, y: height, .. }: Point) -> u64 {
    x * height
}

#[no_alloc]
fn structure_by_reference(&Point { x, ref label, .. }: &Point) -> u64 {
    x + label.len() as u64
}

#[no_alloc]
fn by_ref(ref text: String, (ref pair, _): ([u8; 2], String)) -> usize {
    text.len() + pair.len()
}

#[no_alloc]
fn reference(&n: &u64, &mut (ref mut a, _): &mut (u64, u64)) {
    *a = n;
}

#[no_alloc]
fn bound(pair @ (a, _): (u64, u64)) -> u64 {
    a + pair.1
}

#[no_alloc]
fn either((Ok(n) | Err(n)): Result<u64, u64>) -> u64 {
    n
}

#[no_alloc]
fn attributed(
    #[allow(unused_variables)] a: u64,
    #[cfg(any())] b: u64,
    #[cfg(all())] c: u64,
    #[cfg(any())] (_, _): (u64, u64),
) -> u64 {
    c
}

// Generics.

#[no_alloc]
fn generic<T: Copy + Into<u64>>(n: T) -> u64 {
    n.into()
}

#[no_alloc]
fn const_generic<const N: usize>(numbers: [u64; N]) -> u64 {
    numbers.iter().sum()
}

#[no_alloc]
fn lifetimes<'a, 'b: 'a>(a: &'a str, b: &'b str) -> &'a str {
    if a.len() < b.len() { b } else { a }
}

struct Wrapper<T>(T);

impl<T, const N: usize> Wrapper<[T; N]>
where
    T: Copy + Into<u64>,
{
    #[no_alloc]
    fn sum(&self) -> u64 {
        self.0.iter().map(|n| (*n).into()).sum()
    }

    #[no_alloc]
    fn into_sum(self) -> u64 {
        self.0.into_iter().map(Into::into).sum()
    }
}

#[no_alloc]
fn bounded<F, T>(f: F, value: T) -> T
where
    F: for<'a> Fn(&'a T) -> &'a T,
    T: Clone,
{
    f(&value).clone()
}

#[no_alloc]
fn impl_argument(items: impl IntoIterator<Item = u64>, mut f: impl FnMut(u64)) {
    items.into_iter().for_each(&mut f);
}

#[no_alloc]
fn impl_result<'a>(text: &'a str) -> impl Iterator<Item = char> + use<'a> {
    text.chars().rev()
}

#[no_alloc]
fn dynamic(value: &dyn Display) -> usize {
    size_of_val(value)
}

// Qualifiers and control flow.

#[no_alloc]
unsafe fn dangerous(n: *const u64) -> u64 {
    // SAFETY: the caller promises that `n` can be read.
    unsafe { *n }
}

#[no_alloc]
extern "C" fn foreign(n: u64) -> u64 {
    n
}

#[no_alloc]
unsafe extern "C-unwind" fn dangerous_foreign(n: u64) -> u64 {
    n
}

#[no_alloc]
fn diverging() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

#[no_alloc]
fn early(n: u64) -> u64 {
    if n > 1 {
        return n;
    }
    1
}

#[no_alloc]
fn question(text: &str) -> Result<u64, std::num::ParseIntError> {
    let n: u64 = text.parse()?;
    Ok(n)
}

#[no_alloc]
fn unit_with_return(n: u64) {
    if n > 1 {
        return;
    }
    assert!(n <= 1);
}

#[no_alloc]
fn recursive(n: u64) -> u64 {
    if n == 0 { 0 } else { n + recursive(n - 1) }
}

#[no_alloc]
fn r#try(r#type: u64) -> u64 {
    r#type
}

#[no_alloc]
fn region(region: u64, message: u64) -> u64 {
    region + message
}

#[no_alloc]
fn inner_attributes() -> u64 {
    //! Said inside.
    #![allow(unused_variables)]
    let unused = 1;
    2
}

macro_rules! guarded {
    ($vis:vis $name:ident($arg:ident: $ty:ty) $body:block) => {
        #[no_alloc]
        $vis fn $name($arg: $ty) -> $ty $body
    };
}

guarded!(pub from_macro(n: u64) { n + 1 });

macro_rules! guarded_method {
    ($self:ident, $body:expr) => {
        #[no_alloc]
        fn from_macro($self) -> u64 {
            $body
        }
    };
}

impl Point {
    guarded_method!(self, self.x + self.y);
}

fn main() {
    let status = hotbench::guard_status();
    assert_eq!(
        (status.live, status.is_inert()),
        (status.guarded, false),
        "{status}"
    );

    assert_eq!(free(1, 2), 3);
    no_arguments();
    assert_eq!(*hot_without_budget(1), 1);
    assert_eq!(*hot_with_budget(1), 1);
    assert_eq!(*hot_with_bytes(1), 1);
    assert!(stacked());
    assert_eq!(exempt("text"), 4);
    assert_eq!(calls_exempt("text"), 8);
    assert_eq!(nested::quadruple(2), 8);

    let mut counter = Counter::new("abc");
    assert_eq!(counter.by_reference(), "abc");
    assert_eq!(*counter.by_mutable_reference(3), 3);
    assert_eq!(counter.by_typed_reference(), 3);
    assert_eq!(counter.clone().by_value(), 3);
    assert_eq!(counter.clone().by_mutable_value(1).count, 4);
    assert_eq!(Box::new(counter.clone()).by_box(), 3);
    assert_eq!(Box::new(counter.clone()).by_mutable_box().count, 4);
    assert_eq!(Rc::new(counter.clone()).by_rc(), 3);
    assert_eq!(Pin::new(&mut counter).by_pin(), 3);
    counter.clone().unused_value();
    assert_eq!(counter.clone().value_with_early_return(None), None);
    assert_eq!(counter.clone().value_with_early_return(Some(2)), None);
    assert_eq!(counter.clone().value_with_early_return(Some(3)), Some(3));
    assert_eq!(counter.clone().value_and_patterns((1, 2), 9), 6);
    assert!(counter.clone().value_into_impl().eq([0, 2]));
    let mut numbers = counter.clone();
    assert!(numbers.clone().value_into_fallible().is_err());
    numbers.label = "2".to_owned();
    assert!(numbers.clone().value_into_fallible().unwrap().eq([2]));
    assert_eq!(numbers.clone().value_into_closure()(1), 4);
    drop(numbers.value_into_future());
    assert_eq!(counter.clone().value_with_reference("abcdef"), "abc");
    assert_eq!(counter.clone().value_and_elided_reference("abcdef"), "def");
    assert_eq!(counter.clone().exempt_by_value(), "abcabc");
    assert_eq!(counter.exempt_by_reference(), "abcabc");
    assert_eq!(counter.clone().hot_by_value(), "abcabc");

    assert_eq!(Square(3).area(), 9);
    assert_eq!(Square(3).doubled(), 18);
    assert_eq!(Square(3).consumed(), 3);
    assert_eq!(Box::new(Square(3)).consumed_box(), 9);
    assert_eq!(Square::named(), "shape");
    assert!(counter.by_ref().eq([2, 1, 0]));

    let point = || Point {
        x: 2,
        y: 3,
        label: "p".to_owned(),
    };
    assert_eq!(tuple((1, "dropped".to_owned())), 1);
    assert_eq!(nested_mutable((1, [2, 3, 4])), 3);
    assert_eq!(mutable(1), 2);
    wildcards("dropped".to_owned(), 1, vec![1]);
    assert_eq!(structure(point()), 6);
    assert_eq!(structure_by_reference(&point()), 3);
    assert_eq!(by_ref("text".to_owned(), ([1, 2], "dropped".to_owned())), 6);
    let mut pair = (1, 2);
    reference(&3, &mut pair);
    assert_eq!(pair, (3, 2));
    assert_eq!(bound(pair), 5);
    assert_eq!(either(Ok(1)) + either(Err(2)), 3);
    assert_eq!(attributed(1, 2), 2);

    assert_eq!(generic(1_u32), 1);
    assert_eq!(const_generic([1, 2]), 3);
    assert_eq!(lifetimes("a", "bc"), "bc");
    assert_eq!(bounded(|n| n, 1), 1);
    let mut sum = 0;
    impl_argument([1, 2], |n| sum += n);
    assert_eq!(sum, 3);
    assert!(impl_result("abc").eq(['c', 'b', 'a']));
    assert_eq!(dynamic(&1_u64), 8);
    assert_eq!(Wrapper([1_u32, 2]).sum(), 3);
    assert_eq!(Wrapper([1_u32, 2]).into_sum(), 3);

    // SAFETY: a reference can be read.
    assert_eq!(unsafe { dangerous(&1) }, 1);
    assert_eq!(foreign(1), 1);
    // SAFETY: there is nothing to uphold.
    assert_eq!(unsafe { dangerous_foreign(1) }, 1);
    assert_eq!(early(0) + early(2), 3);
    assert_eq!(question("1"), Ok(1));
    assert!(question("one").is_err());
    unit_with_return(1);
    unit_with_return(2);
    assert_eq!(recursive(3), 6);
    assert_eq!(r#try(1), 1);
    assert_eq!(region(1, 2), 3);
    assert_eq!(inner_attributes(), 2);
    assert_eq!(from_macro(1), 2);
    assert_eq!(point().from_macro(), 5);
    if std::hint::black_box(false) {
        diverging();
    }
    counter.label = "exits with success".to_owned();
    counter.value_and_never();
}

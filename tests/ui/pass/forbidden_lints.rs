//! Nothing in an expansion allows what the crate forbids.

#![forbid(
    unsafe_code,
    unreachable_code,
    unused_variables,
    unused_mut,
    unused_imports,
    dead_code,
    deprecated,
    non_camel_case_types
)]

use hotbench::{allow_alloc, bench_case, hot, no_alloc};

#[bench_case(types(u8), consts(1), for n in [1, 2], args(&[T::default(); N], n))]
#[bench_case("unused", types(u8), consts(1), args(&[1], 1))]
fn nth<T: Copy + Default, const N: usize>(values: &[T; N], n: usize) -> Option<T> {
    values.get(n).copied()
}

#[bench_case(args("a".to_owned(), &mut 1))]
fn touched(_: String, _: &mut u64) {}

#[hotbench::bench_only]
#[bench_case]
fn own(bencher: &mut hotbench::Bencher) {
    bencher.iter(|| ());
}

#[no_alloc]
async fn numbered(n: u64) -> Result<u64, std::num::ParseIntError> {
    let more: u64 = "1".parse()?;
    Ok(n + more)
}

#[allow_alloc]
async fn never() -> ! {
    loop {
        std::future::pending::<()>().await;
    }
}

#[hot]
fn sum((a, b): (u64, u64), mut c: u64) -> u64 {
    c += a;
    c + b
}

#[hot]
fn by_reference(ref n: u64, (ref m, _): (u64, u64)) -> u64 {
    n + m
}

fn main() {
    assert_eq!(by_reference(1, (2, 3)), 3);
    drop((numbered(1), never()));
    nth(&[1], 0);
    touched(String::new(), &mut 1);
    let _: fn(&mut hotbench::Bencher) = own;
    assert_eq!(sum((1, 2), 3), 6);
}

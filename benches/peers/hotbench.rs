//! The five for hotbench, where they stand.

use hotbench::{bench_case, no_alloc};

#[bench_case("get", args("GET / HTTP/1.1"))]
#[bench_case("post", args("POST /a?b=c HTTP/1.1"))]
pub(crate) fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?))
}

#[bench_case(for n in [64, 1_024, 16_384], args(&vec![7; n]), throughput = Bytes(n))]
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(1, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
}

#[bench_case(args(numbers()))]
pub(crate) fn sorted(mut numbers: Vec<u64>) -> Vec<u64> {
    numbers.sort_unstable();
    numbers
}

#[no_alloc(warmup = 1)]
#[bench_case(args(&["a", "b", "c"], &mut String::with_capacity(8)))]
pub(crate) fn csv_row(fields: &[&str], row: &mut String) {
    row.clear();
    for field in fields {
        row.push_str(field);
        row.push(',');
    }
}

#[no_alloc]
#[bench_case(args(TEXT))]
pub(crate) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

pub(crate) fn numbers() -> Vec<u64> {
    (0..1_000).map(|n| n * 7_919 % 1_000).collect()
}

pub(crate) const TEXT: &str = "the quick brown fox jumps over the lazy dog";

hotbench::harness!(crate);

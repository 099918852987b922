//! The five for Divan.

#[path = "plain.rs"]
mod plain;

use divan::Bencher;
use divan::counter::BytesCount;
use plain::{TEXT, numbers};

#[divan::bench(args = ["GET / HTTP/1.1", "POST /a?b=c HTTP/1.1"])]
fn request_line(line: &str) -> Option<(&str, &str)> {
    plain::request_line(line)
}

#[divan::bench(args = [64, 1_024, 16_384])]
fn checksum(bencher: Bencher<'_, '_>, n: usize) {
    let bytes = vec![7; n];
    bencher
        .counter(BytesCount::new(n))
        .bench(|| plain::checksum(divan::black_box(&bytes)));
}

#[divan::bench]
fn sorted(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(numbers).bench_values(plain::sorted);
}

#[divan::bench]
fn csv_row(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| String::with_capacity(8))
        .bench_local_refs(|row| plain::csv_row(divan::black_box(&["a", "b", "c"]), row));
}

#[divan::bench]
fn words() -> usize {
    plain::words(divan::black_box(TEXT))
}

fn main() {
    divan::main();
}

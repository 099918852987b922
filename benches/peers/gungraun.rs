//! The five for Gungraun.

#![allow(clippy::exit, missing_docs, reason = "what its macros make")]

#[path = "plain.rs"]
mod plain;

use std::hint::black_box;

use gungraun::{library_benchmark, library_benchmark_group, main};
use plain::{TEXT, numbers};

#[library_benchmark]
#[bench::get("GET / HTTP/1.1")]
#[bench::post("POST /a?b=c HTTP/1.1")]
fn request_line(line: &str) -> Option<(&str, &str)> {
    black_box(plain::request_line(black_box(line)))
}

fn bytes(n: usize) -> Vec<u8> {
    vec![7; n]
}

#[library_benchmark(setup = bytes)]
#[benches::of(64, 1_024, 16_384)]
fn checksum(bytes: Vec<u8>) -> u32 {
    black_box(plain::checksum(black_box(&bytes)))
}

#[library_benchmark]
#[bench::of(numbers())]
fn sorted(numbers: Vec<u64>) -> Vec<u64> {
    black_box(plain::sorted(black_box(numbers)))
}

#[library_benchmark]
#[bench::of(String::with_capacity(8))]
fn csv_row(mut row: String) -> String {
    plain::csv_row(black_box(&["a", "b", "c"]), black_box(&mut row));
    row
}

#[library_benchmark]
fn words() -> usize {
    black_box(plain::words(black_box(TEXT)))
}

library_benchmark_group!(
    name = five,
    benchmarks = [request_line, checksum, sorted, csv_row, words]
);
main!(library_benchmark_groups = five);

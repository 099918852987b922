//! The five for Tango.

#[path = "plain.rs"]
mod plain;

use std::hint::black_box;

use plain::{TEXT, checksum, csv_row, numbers, request_line, sorted, words};
use tango_bench::{IntoBenchmarks, benchmark_fn, tango_benchmarks};

fn benches() -> impl IntoBenchmarks {
    let lines = [("get", "GET / HTTP/1.1"), ("post", "POST /a?b=c HTTP/1.1")];
    let mut benches = Vec::new();
    for (name, line) in lines {
        let name = format!("request_line/{name}");
        benches.push(benchmark_fn(name, move |bencher| {
            bencher.iter(move || request_line(black_box(line)).is_some())
        }));
    }
    for n in [64, 1_024, 16_384] {
        benches.push(benchmark_fn(format!("checksum/{n}"), move |bencher| {
            let bytes = vec![7; n];
            bencher.iter(move || checksum(black_box(&bytes)))
        }));
    }
    benches.push(benchmark_fn("sorted", |bencher| {
        let numbers = numbers();
        bencher.iter(move || sorted(numbers.clone()))
    }));
    benches.push(benchmark_fn("csv_row", |bencher| {
        let mut row = String::with_capacity(8);
        bencher.iter(move || csv_row(black_box(&["a", "b", "c"]), black_box(&mut row)))
    }));
    benches.push(benchmark_fn("words", |bencher| {
        bencher.iter(|| words(black_box(TEXT)))
    }));
    benches
}

tango_benchmarks!(benches());

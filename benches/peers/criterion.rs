//! The five for Criterion.

#[path = "plain.rs"]
mod plain;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plain::{TEXT, checksum, csv_row, numbers, request_line, sorted, words};

fn request_lines(criterion: &mut Criterion) {
    let lines = [("get", "GET / HTTP/1.1"), ("post", "POST /a?b=c HTTP/1.1")];
    let mut group = criterion.benchmark_group("request_line");
    for (name, line) in lines {
        group.bench_with_input(name, line, |bencher, line| {
            bencher.iter(|| request_line(black_box(line)));
        });
    }
    group.finish();
}

fn checksums(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("checksum");
    for n in [64, 1_024, 16_384] {
        let bytes = vec![7; n];
        group.throughput(Throughput::Bytes(n as u64));
        group.bench_with_input(BenchmarkId::from_parameter(n), &bytes, |bencher, bytes| {
            bencher.iter(|| checksum(black_box(bytes)));
        });
    }
    group.finish();
}

fn others(criterion: &mut Criterion) {
    criterion.bench_function("sorted", |bencher| {
        bencher.iter_batched(numbers, sorted, BatchSize::SmallInput);
    });
    criterion.bench_function("csv_row", |bencher| {
        let mut row = String::with_capacity(8);
        bencher.iter(|| csv_row(black_box(&["a", "b", "c"]), black_box(&mut row)));
    });
    criterion.bench_function("words", |bencher| {
        bencher.iter(|| words(black_box(TEXT)));
    });
}

criterion_group!(benches, request_lines, checksums, others);
criterion_main!(benches);

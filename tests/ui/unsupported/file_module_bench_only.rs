use hotbench::bench_only;

#[bench_only]
mod fixtures;

fn main() {}

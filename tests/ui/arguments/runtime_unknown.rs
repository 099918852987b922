use hotbench::bench_case;

#[bench_case(runtime = threads(2))]
async fn one() -> u64 {
    1
}

#[bench_case(runtime = multi_thread)]
async fn two() -> u64 {
    2
}

fn main() {}

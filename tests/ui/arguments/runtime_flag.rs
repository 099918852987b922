use hotbench::bench_case;

#[bench_case(runtime)]
async fn one() -> u64 {
    1
}

fn main() {}

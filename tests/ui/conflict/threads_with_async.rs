use hotbench::bench_case;

#[bench_case(threads(2))]
async fn one() -> u64 {
    1
}

fn main() {}

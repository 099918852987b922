use hotbench::bench_case;

const ZERO: std::time::Duration = std::time::Duration::ZERO;

#[bench_case(args(1), warm_up_time = ZERO, warm_up_time = ZERO)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

use hotbench::bench_case;

const ZERO: std::time::Duration = std::time::Duration::ZERO;

#[bench_case(args(1), measurement_time = ZERO, measurement_time = ZERO)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

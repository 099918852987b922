use hotbench::bench_case;

#[bench_case(1, args(1))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

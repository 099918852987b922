use hotbench::bench_case;

#[bench_case(for n in [1, 2], for n in [3], args(n))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

use hotbench::bench_case;

#[bench_case(group = "doubling", baseline, args(1), baseline)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

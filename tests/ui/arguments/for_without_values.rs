use hotbench::bench_case;

#[bench_case(for n in, args(n))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

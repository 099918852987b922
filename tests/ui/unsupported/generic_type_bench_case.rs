use hotbench::bench_case;

#[bench_case(args(1))]
fn double<T: Into<u64>>(n: T) -> u64 {
    n.into() * 2
}

fn main() {
    double(1_u32);
}

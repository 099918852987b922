use hotbench::bench_case;

#[bench_case(no_alloc = true, args(1))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

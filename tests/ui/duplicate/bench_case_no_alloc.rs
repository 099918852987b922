use hotbench::bench_case;

#[bench_case(no_alloc, args(1), no_alloc)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

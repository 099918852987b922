use hotbench::bench_case;

#[bench_case("one", no_alloc, max_allocs = 2, args(1))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

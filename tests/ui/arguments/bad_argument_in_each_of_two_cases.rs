use hotbench::bench_case;

#[bench_case("one", args(1), max_alloc = 1)]
#[bench_case("two", args(2), group = 2)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

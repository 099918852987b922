use hotbench::bench_case;

struct Hidden(u64);

#[bench_case(for n in [Hidden(1)], args(n.0))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

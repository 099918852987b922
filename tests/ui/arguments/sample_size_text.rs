use hotbench::bench_case;

#[bench_case(args(1), sample_size = "many")]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

use hotbench::bench_case;

#[bench_case(args(1), warm_up_time = 3)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

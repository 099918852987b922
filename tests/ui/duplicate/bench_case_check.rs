use hotbench::bench_case;

#[bench_case(args(1), check = |n| assert_eq!(*n, 2), check = |_| ())]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}

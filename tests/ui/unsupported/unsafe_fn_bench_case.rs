use hotbench::bench_case;

#[bench_case(args(1))]
unsafe fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    // SAFETY: there is nothing to uphold.
    unsafe { double(1) };
}

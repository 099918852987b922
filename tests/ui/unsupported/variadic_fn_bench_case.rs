use hotbench::bench_case;

#[bench_case]
unsafe extern "C" fn print(_: ...) {}

fn main() {
    // SAFETY: there is nothing to uphold.
    unsafe { print() };
}

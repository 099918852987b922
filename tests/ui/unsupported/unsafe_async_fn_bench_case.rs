use hotbench::bench_case;

#[bench_case]
async unsafe fn fetch() -> u64 {
    1
}

fn main() {
    // SAFETY: there is nothing to uphold.
    drop(unsafe { fetch() });
}

use hotbench::bench_case;

#[bench_case]
static LIMIT: u64 = 1;

fn main() {
    let _ = LIMIT;
}

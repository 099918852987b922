use hotbench::bench_case;

#[bench_case]
const LIMIT: u64 = 1;

fn main() {
    let _ = LIMIT;
}

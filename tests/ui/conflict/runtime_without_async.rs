use hotbench::bench_case;

#[bench_case(args(1), runtime = current_thread)]
fn same(n: u64) -> u64 {
    n
}

fn main() {}

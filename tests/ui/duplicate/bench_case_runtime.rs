use hotbench::bench_case;

#[bench_case(runtime = current_thread, runtime = multi_thread(2))]
async fn one() -> u64 {
    1
}

fn main() {}

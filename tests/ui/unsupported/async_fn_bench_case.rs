use hotbench::bench_case;

#[bench_case]
async fn fetch() -> u64 {
    1
}

fn main() {
    drop(fetch());
}

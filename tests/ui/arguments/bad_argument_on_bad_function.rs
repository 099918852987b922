use hotbench::hot;

#[hot(max_alloc = 1)]
async fn fetch() -> u64 {
    1
}

fn main() {
    drop(fetch());
}

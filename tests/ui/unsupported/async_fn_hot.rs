use hotbench::hot;

#[hot]
async fn fetch() -> u64 {
    1
}

fn main() {
    drop(fetch());
}

use hotbench::allow_alloc;

#[allow_alloc]
async fn fetch() -> u64 {
    1
}

fn main() {
    drop(fetch());
}

use hotbench::no_alloc;

#[no_alloc]
async fn fetch() -> u64 {
    1
}

fn main() {
    drop(fetch());
}

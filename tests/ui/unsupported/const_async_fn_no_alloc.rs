use hotbench::no_alloc;

#[no_alloc]
async fn fetch(self) -> u64 {
    1
}

fn main() {
}

use hotbench::no_alloc;

#[no_alloc]
static LIMIT: u64 = 1;

fn main() {
    let _ = LIMIT;
}

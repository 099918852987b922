use hotbench::allow_alloc;

#[allow_alloc]
static LIMIT: u64 = 1;

fn main() {
    let _ = LIMIT;
}

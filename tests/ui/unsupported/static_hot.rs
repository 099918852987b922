use hotbench::hot;

#[hot]
static LIMIT: u64 = 1;

fn main() {
    let _ = LIMIT;
}

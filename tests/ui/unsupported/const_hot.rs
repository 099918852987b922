use hotbench::hot;

#[hot]
const LIMIT: u64 = 1;

fn main() {
    let _ = LIMIT;
}

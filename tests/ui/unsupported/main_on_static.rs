#[hotbench::main]
static ONE: u64 = 1;

fn main() {
    let _ = ONE;
}

#[hotbench::main]
fn start() {}

fn main() {
    start();
}

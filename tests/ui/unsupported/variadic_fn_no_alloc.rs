use hotbench::no_alloc;

#[no_alloc]
unsafe extern "C" fn print(_: ...) {}

fn main() {
    // SAFETY: there is nothing to uphold.
    unsafe { print() };
}

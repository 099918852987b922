use hotbench::no_alloc;

unsafe extern "C" {
    #[no_alloc]
    safe fn abs(n: i32) -> i32;
}

fn main() {
    abs(-1);
}

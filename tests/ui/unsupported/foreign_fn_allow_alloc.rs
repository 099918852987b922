use hotbench::allow_alloc;

unsafe extern "C" {
    #[allow_alloc]
    safe fn abs(n: i32) -> i32;
}

fn main() {
    abs(-1);
}

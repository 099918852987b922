use hotbench::hot;

unsafe extern "C" {
    #[hot]
    safe fn abs(n: i32) -> i32;
}

fn main() {
    abs(-1);
}

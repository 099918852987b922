use hotbench::bench_case;

unsafe extern "C" {
    #[bench_case]
    safe fn abs(n: i32) -> i32;
}

fn main() {
    abs(-1);
}

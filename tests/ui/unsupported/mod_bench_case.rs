use hotbench::bench_case;

#[bench_case]
mod points {
    pub fn x() -> u64 {
        1
    }
}

fn main() {
    points::x();
}

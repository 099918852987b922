use hotbench::allow_alloc;

#[allow_alloc]
mod points {
    pub fn x() -> u64 {
        1
    }
}

fn main() {
    points::x();
}

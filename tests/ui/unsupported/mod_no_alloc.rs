use hotbench::no_alloc;

#[no_alloc]
mod points {
    pub fn x() -> u64 {
        1
    }
}

fn main() {
    points::x();
}

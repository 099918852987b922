use hotbench::hot;

#[hot]
mod points {
    pub fn x() -> u64 {
        1
    }
}

fn main() {
    points::x();
}

use hotbench::hot;

#[hot(max_alloc = 1)]
const fn fetch() -> u64 {
    1
}

fn main() {
    fetch();
}

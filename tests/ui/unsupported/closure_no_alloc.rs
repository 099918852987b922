use hotbench::no_alloc;

fn main() {
    let double = #[no_alloc]
    |n: u64| n * 2;
    double(1);
}

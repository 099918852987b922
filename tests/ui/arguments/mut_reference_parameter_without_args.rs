use hotbench::bench_case;

#[bench_case]
fn sort(numbers: &mut [u64]) {
    numbers.sort_unstable();
}

fn main() {
    sort(&mut [2, 1]);
}

use hotbench::bench_case;

#[bench_case(args([1, 2]))]
fn sum<const N: usize>(numbers: [u64; N]) -> u64 {
    numbers.iter().sum()
}

fn main() {
    sum([1, 2]);
}

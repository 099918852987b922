use hotbench::bench_case;

#[bench_case(args([1, 2]))]
fn sum<'a, T, const N: usize>(numbers: &'a [T; N]) -> usize {
    numbers.len()
}

fn main() {
    sum(&[1, 2]);
}

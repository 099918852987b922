use hotbench::bench_case;

#[bench_case(args(&mut [3, 1]), check = |first| assert_eq!(**first, 1))]
fn sorted(numbers: &mut [u64]) -> &mut u64 {
    numbers.sort_unstable();
    &mut numbers[0]
}

fn main() {
    sorted(&mut [2, 1]);
}

use hotbench::bench_case;

#[bench_case("wrong", args("one"))]
#[bench_case("no reference", args(vec![1]))]
fn count(numbers: &[u64]) -> usize {
    numbers.len()
}

fn main() {
    count(&[]);
}

use hotbench::bench_case;

#[bench_case("sorted", args(vec![3, 1, 2]))]
fn sort(numbers: &mut Vec<u64>) {
    numbers.sort_unstable();
}

fn main() {
    sort(&mut vec![2, 1]);
}

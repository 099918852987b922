use hotbench::bench_case;

#[bench_case(for words in [1, 2], args(words))]
fn words(n: usize) -> usize {
    n
}

fn main() {}

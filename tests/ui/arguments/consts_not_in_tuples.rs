use hotbench::bench_case;

#[bench_case(consts(1, (1, 2, 3), (1, 2)))]
fn area<const ROWS: usize, const COLUMNS: usize>() -> usize {
    ROWS * COLUMNS
}

fn main() {
    area::<1, 2>();
}

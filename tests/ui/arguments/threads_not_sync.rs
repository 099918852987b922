use std::cell::Cell;

use hotbench::bench_case;

#[bench_case(threads(2), args(&Cell::new(1)))]
fn get(cell: &Cell<u64>) -> u64 {
    cell.get()
}

fn main() {}

use hotbench::bench_case;

fn rows() -> usize {
    2
}

#[bench_case(types(u8), consts(1, rows()))]
fn size<T: Copy, const N: usize>() -> usize {
    size_of::<T>() * N
}

fn main() {
    size::<u8, 1>();
}

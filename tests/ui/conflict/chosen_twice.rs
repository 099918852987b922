use hotbench::bench_case;

#[bench_case(types(Vec<u8>, u8, Vec< u8 >), consts((1, 2), (2, 1), (1, 2)))]
fn size<T, const N: usize, const M: usize>() -> usize {
    size_of::<T>() * N * M
}

fn main() {
    size::<u8, 1, 2>();
}

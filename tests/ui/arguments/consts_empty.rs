use hotbench::bench_case;

#[bench_case(types(u8), consts())]
fn size<T: Copy, const N: usize>() -> usize {
    size_of::<T>() * N
}

fn main() {
    size::<u8, 1>();
}

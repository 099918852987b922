use hotbench::bench_case;

#[bench_case("one", types(u8, (u8, u16)))]
#[bench_case("three", types((u8, u16, u32)))]
fn sizes<A, B>() -> usize {
    size_of::<A>() + size_of::<B>()
}

fn main() {
    sizes::<u8, u8>();
}

use hotbench::bench_case;

#[bench_case("lifetime", types(u8), args("a"))]
#[bench_case("const", consts(1), args("a"))]
fn length<'a>(text: &'a str) -> usize {
    text.len()
}

fn main() {
    length("a");
}

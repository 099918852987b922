use hotbench::bench_case;

#[bench_case(args(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))]
#[rustfmt::skip]
fn many(_: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8) {}

fn main() {}

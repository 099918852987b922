use hotbench::bench_case;

#[bench_case]
#[target_feature(enable = "avx2")]
fn wide() {}

fn main() {}

use hotbench::bench_case;

struct Parser;

impl Parser {
    #[bench_case]
    fn new() -> Self {
        Self
    }
}

fn main() {
    Parser::new();
}

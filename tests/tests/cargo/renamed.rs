//! A dependency by another name: `hb = { package = "hotbench", … }`.

use crate::support::{QUICK, cargo};

#[test]
fn every_attribute_finds_the_runtime_where_it_is_said_to_be() {
    cargo("build -p renamed").passed();
    cargo("test -p renamed --lib")
        .failed()
        .says("test tests::a_budget_is_held ... ok")
        .says("error: `renamed::careless` is `#[no_alloc]`, but it allocated once, 6 bytes");
    cargo("test -p renamed --bench hot")
        .passed()
        .says("note: guard live on 4 of 4 functions\n");
    let said = cargo(&format!("bench -p renamed -- {QUICK}")).passed();
    for case in [
        "reversed/u8/1",
        "reversed/u64/2",
        "sorted",
        "words/one",
        "words/swept/20",
    ] {
        assert_eq!(said.row(case)[3..5], ["0", "0 B"]);
    }
}

//! The example that is a workspace of its own. The others are members of this one, and tested with it.

use crate::support::cargo_in;

#[test]
fn three_crates_share_a_bench_target_and_an_allocator_of_their_own() {
    let said = cargo_in("../../examples/workspace", "test --locked", &[]).passed();
    said.says("test the_allocator_reports ... ok")
        .says("test a_stock_that_grows_where_it_may_not_is_caught - should panic ... ok")
        .says("test shop-app::sell ... ok")
        .says("test shop-core::total/300 ... ok")
        .says("test shop-store::take ... ok");
}

//! What is allocated by mimalloc is seen, in whichever crate.

use hotbench::{count_allocs, no_alloc};
use shop_app::opened;

#[test]
fn the_allocator_reports() {
    let (boxed, counts) = count_allocs(|| Box::new(4_u64));
    assert_eq!((*boxed, counts.allocs), (4, 1));
}

#[test]
#[should_panic(expected = "is `#[no_alloc]`, but it allocated once")]
fn a_stock_that_grows_where_it_may_not_is_caught() {
    #[no_alloc]
    fn open() -> shop_store::Stock {
        opened()
    }
    open();
}

//! The shop: three crates, one bench target for all of them, and an allocator of its own.
//!
//! ```console
//! $ cd examples/workspace
//! $ cargo test      # the tests of all crates, and each case once
//! $ cargo bench     # the cases of all crates, with one table
//! $ cargo run
//! ```

use hotbench::{bench_case, hot};
use shop_core::{Item, total};
use shop_store::{Stock, take};

/// Sells a basket: the receipt, or `None` where there is too little of something.
#[hot(max_allocs = 1)]
#[bench_case(args(&mut opened(), &[BASKET]), max_allocs = 1)]
pub fn sell(stock: &mut Stock, basket: &[Item]) -> Option<String> {
    use std::fmt::Write;

    let cents = total(basket)?;
    if !take(stock, basket) {
        return None;
    }
    let mut receipt = String::with_capacity(32 * (basket.len() + 1));
    // Writing into a `String` can't fail.
    for item in basket {
        let _ = writeln!(receipt, "{:>4} × {:<10}", item.count, item.article);
    }
    let _ = write!(receipt, "{:>12}.{:02}", cents / 100, cents % 100);
    Some(receipt)
}

/// What is bought in the program, in the case and in tests.
pub const BASKET: Item = Item {
    article: 4_711,
    count: 2,
    price: 1_999,
};

/// The stock of a shop that opens.
#[must_use]
pub fn opened() -> Stock {
    let mut stock = Stock::default();
    stock.add(BASKET.article, 3);
    stock
}

#[cfg(test)]
mod tests {
    use super::{BASKET, opened, sell};

    #[test]
    fn what_is_there_is_sold() {
        let mut stock = opened();
        let receipt = sell(&mut stock, &[BASKET]);
        assert_eq!(
            receipt.as_deref(),
            Some("   2 × 4711      \n          39.98")
        );
        assert_eq!(sell(&mut stock, &[BASKET]), None);
    }
}

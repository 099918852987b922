//! What the shop has in stock.

use std::collections::HashMap;

use hotbench::{bench_case, hot, no_alloc};
use shop_core::Item;

/// How many there are of each article.
#[derive(Debug, Clone, Default)]
pub struct Stock(HashMap<u32, u32>);

impl Stock {
    /// Adds to the stock: what is new may make the map grow.
    #[hot(max_allocs = 1)]
    pub fn add(&mut self, article: u32, count: u32) {
        let there = self.0.entry(article).or_default();
        *there = there.saturating_add(count);
    }

    /// How many there are.
    pub fn count(&self, article: u32) -> u32 {
        self.0.get(&article).copied().unwrap_or(0)
    }
}

/// Takes all of a basket from the stock, or nothing where it has too few of any; whether it did.
///
/// An article stands in a basket once.
#[no_alloc]
#[bench_case(args(&mut filled(), &[Item { article: 7, count: 2, price: 1_999 }]), check = |taken| assert!(taken), no_alloc)]
pub fn take(stock: &mut Stock, basket: &[Item]) -> bool {
    let enough = |item: &Item| stock.count(item.article) >= item.count;
    if !basket.iter().all(enough) {
        return false;
    }
    for item in basket {
        if let Some(there) = stock.0.get_mut(&item.article) {
            *there -= item.count;
        }
    }
    true
}

/// A stock of a hundred articles.
#[hotbench::bench_only]
fn filled() -> Stock {
    Stock((0..100).map(|article| (article, 1_000)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Stock, take};
    use shop_core::Item;

    fn item(article: u32, count: u32) -> Item {
        Item {
            article,
            count,
            price: 100,
        }
    }

    #[test]
    fn all_of_a_basket_is_taken_or_nothing() {
        let mut stock = Stock::default();
        stock.add(1, 5);
        stock.add(2, 1);
        assert!(!take(&mut stock, &[item(1, 5), item(2, 2)]));
        assert_eq!((stock.count(1), stock.count(2)), (5, 1));
        assert!(take(&mut stock, &[item(1, 5), item(2, 1)]));
        assert_eq!((stock.count(1), stock.count(2)), (0, 0));
    }
}

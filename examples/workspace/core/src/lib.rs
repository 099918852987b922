//! What all crates of the shop share: articles, prices, and the allocator.
//!
//! The allocator stands in the crate that all others link, so that the tests of each of them have it.

use hotbench::{bench_case, no_alloc};
use mimalloc::MiMalloc;

/// The program's allocator: mimalloc itself in the program that ships; in tests and benches it reports to the guard.
#[global_allocator]
static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);

/// What is in a basket, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The article's number.
    pub article: u32,
    /// How many of it.
    pub count: u32,
    /// What one costs, in cents.
    pub price: u64,
}

/// What a basket costs, in cents: from ten of an article on, each costs a tenth less.
///
/// `None` where that is more than money can be.
#[no_alloc]
#[bench_case(for items in [3, 300], args(&basket(items)), no_alloc)]
pub fn total(items: &[Item]) -> Option<u64> {
    items.iter().try_fold(0, |total: u64, item| {
        let price = item.price.checked_mul(u64::from(item.count))?;
        let reduction = if item.count >= 10 { price / 10 } else { 0 };
        total.checked_add(price - reduction)
    })
}

/// A basket of so many articles.
#[hotbench::bench_only]
fn basket(items: u32) -> Vec<Item> {
    let item = |article| Item {
        article,
        count: article % 12 + 1,
        price: 1_999,
    };
    (0..items).map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::{Item, total};

    #[test]
    fn ten_of_an_article_are_cheaper_each() {
        let item = |count| Item {
            article: 1,
            count,
            price: 100,
        };
        assert_eq!(total(&[item(9), item(10)]), Some(900 + 900));
        assert_eq!(total(&[]), Some(0));
    }

    #[test]
    fn too_much_money_is_none() {
        let item = Item {
            article: 1,
            count: 2,
            price: u64::MAX / 2 + 1,
        };
        assert_eq!(total(&[item]), None);
    }
}

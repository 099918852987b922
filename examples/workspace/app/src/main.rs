//! Sells a basket.

use shop_app::{BASKET, opened, sell};

fn main() {
    match sell(&mut opened(), &[BASKET]) {
        Some(receipt) => println!("{receipt}"),
        None => eprintln!("sold out"),
    }
}

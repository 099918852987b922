//! The cases of all crates of the shop.

hotbench::harness!(shop_app, shop_core, shop_store);

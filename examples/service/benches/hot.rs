#![allow(unused, missing_docs)]
include!("../src/main.rs");

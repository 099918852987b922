#![allow(unused)]
include!("../src/main.rs");

//! The real cargo on the crates in `fixtures/`: what a user meets, from the command to its last
//! line.

mod adopted;
mod allocators;
mod check;
mod command_line;
mod crowd;
mod editions;
mod first_use;
mod generics;
mod ignore;
mod lent;
mod loud;
mod nextest;
mod processes;
mod production;
mod region_cost;
mod reports;
mod settings;
mod support;
mod sweep;
mod throughput;
mod workspace;

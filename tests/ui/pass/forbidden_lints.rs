//! Nothing in an expansion allows what the crate forbids.

#![forbid(unsafe_code, unreachable_code, unused_variables, unused_mut)]

use hotbench::{allow_alloc, hot, no_alloc};

#[no_alloc]
async fn numbered(n: u64) -> Result<u64, std::num::ParseIntError> {
    let more: u64 = "1".parse()?;
    Ok(n + more)
}

#[allow_alloc]
async fn never() -> ! {
    loop {
        std::future::pending::<()>().await;
    }
}

#[hot]
fn sum((a, b): (u64, u64), mut c: u64) -> u64 {
    c += a;
    c + b
}

fn main() {
    drop((numbered(1), never()));
    assert_eq!(sum((1, 2), 3), 6);
}

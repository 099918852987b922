//! nextest, which runs each test in a process of its own.

use crate::support::cargo;

#[test]
fn each_test_is_judged_in_its_own_process() {
    let said = cargo("nextest run -p crowd --lib --no-fail-fast").failed();
    said.says("64 tests run: 32 passed, 32 failed, 0 skipped")
        .says("`crowd::allocates` is `#[no_alloc]`, but it allocated 3 times, 24 bytes");
    let mut failed = said.stderr.lines().filter(|line| line.contains("FAIL ["));
    assert!(failed.all(|line| line.ends_with("::fails")), "{said}");
}

//! `ignore` keeps a case out of every run that does not ask for it.

use crate::support::{QUICK, cargo};

#[test]
fn it_is_shown_and_not_run() {
    cargo("test -p declared --bench hot -- slow area")
        .passed()
        .says("running 5 tests")
        .says("test declared::slow ... ignored")
        .says("test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured;");
    let said = cargo(&format!("bench -p declared -- slow right {QUICK}")).passed();
    said.row("words/right");
    said.says("note: 1 case ignored: `--include-ignored` runs them too")
        .never_says("  slow ");
}

#[test]
fn it_is_run_alone_or_with_the_others_where_that_is_asked_for() {
    cargo("test -p declared --bench hot -- slow area --ignored")
        .passed()
        .says("running 1 test\n")
        .says("test declared::slow ... ok");
    cargo("test -p declared --bench hot -- slow area --include-ignored")
        .passed()
        .says("test declared::slow ... ok")
        .says("5 passed; 0 failed; 0 ignored;");
    let said = cargo(&format!(
        "bench -p declared -- slow --include-ignored {QUICK}"
    ))
    .passed();
    assert_eq!(said.row("slow")[3..5], ["0", "0 B"]);
}

#[test]
fn the_terse_list_tells_it_as_nextest_asks() {
    let list = |flag: &str| {
        cargo(&format!(
            "test -p declared --bench hot -- slow right --list --format terse{flag}"
        ))
        .passed()
        .stdout
    };
    assert_eq!(
        list(""),
        "declared::slow: benchmark\ndeclared::words/right: benchmark\n"
    );
    assert_eq!(list(" --ignored"), "declared::slow: benchmark\n");
}

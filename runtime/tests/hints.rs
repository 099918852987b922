//! What a report says to write instead.

use std::collections::HashMap;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, OnceLock};

use hotbench::assert_no_alloc;

/// The hints in the report of what allocates.
fn hints<R>(allocates: impl FnOnce() -> R) -> Vec<String> {
    let run = || assert_no_alloc(|| drop(black_box(allocates())));
    let payload = catch_unwind(AssertUnwindSafe(run)).expect_err("it allocates");
    let report = payload.downcast::<String>().expect("a report");
    let helps = report
        .lines()
        .filter_map(|line| line.strip_prefix("help: line "));
    helps
        .map(|help| help.split_once(": ").expect("a line").1.to_owned())
        .collect()
}

#[track_caller]
fn hint_of<R>(allocates: impl FnOnce() -> R, begins: &str) {
    let hints = hints(allocates);
    assert!(
        hints.len() == 1 && hints[0].starts_with(begins),
        "{hints:#?}"
    );
}

#[test]
fn text_that_is_formatted() {
    hint_of(
        || format!("{}", black_box(17)),
        "each call makes a new `String`",
    );
    hint_of(
        || black_box(17).to_string(),
        "each call makes a new `String`",
    );
    hint_of(|| "text".to_string(), "each call makes a new `String`");
}

#[test]
fn text_that_is_copied() {
    hint_of(
        || black_box("text").to_owned(),
        "this copies what is borrowed",
    );
    hint_of(
        || String::from(black_box("text")),
        "this copies what is borrowed",
    );
    hint_of(
        || black_box([1_u8, 2]).as_slice().to_owned(),
        "this copies what is borrowed",
    );
}

#[test]
fn what_is_cloned() {
    let (text, numbers) = (String::from("text"), vec![1, 2, 3]);
    hint_of(|| text.clone(), "this clones");
    hint_of(|| numbers.clone(), "this clones");
}

#[test]
fn what_grows_says_how_often() {
    let grow = || {
        let mut numbers = Vec::new();
        for n in 0..100_u64 {
            numbers.push(n);
        }
        numbers
    };
    hint_of(
        grow,
        "it grew 5 times, 1,024 bytes in all: reserve before, `with_capacity(…)`",
    );
    let mut text = String::new();
    hint_of(|| text.push_str("abc"), "it grows");
    let mut map = HashMap::new();
    hint_of(|| map.insert(1, 2), "the map grows");
}

#[test]
fn what_is_collected_and_what_is_boxed() {
    hint_of(
        || (0..9).collect::<Vec<u8>>(),
        "this collects into new memory",
    );
    hint_of(|| Box::new(black_box(1)), "this boxes a value");
}

#[test]
fn what_is_made_at_first_use_goes_free_with_warmup() {
    static LAZY: LazyLock<String> = LazyLock::new(|| "lazy".to_owned());
    static ONCE: OnceLock<Vec<u8>> = OnceLock::new();
    hint_of(|| LAZY.len(), "this is initialised at its first use");
    hint_of(
        || ONCE.get_or_init(|| vec![1; 9]).len(),
        "this is initialised at its first use",
    );

    static SECOND: LazyLock<String> = LazyLock::new(|| "lazy".to_owned());
    #[hotbench::no_alloc(warmup = 1)]
    fn reads() -> usize {
        SECOND.len()
    }
    assert_eq!(reads() + reads(), 8);
}

#[test]
fn the_same_hint_is_given_once() {
    let twice = || (black_box("a").to_owned(), black_box("b").to_owned());
    hint_of(twice, "this copies what is borrowed");
}

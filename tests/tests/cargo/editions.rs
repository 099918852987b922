//! Crates of an edition before 2024, without the standard library, and cases in the bench target itself.

use crate::support::{QUICK, cargo};

#[test]
fn temporaries_and_parameters_are_dropped_in_the_region_in_every_edition() {
    cargo("test -p edition-2021 --lib")
        .failed()
        .says("test tests::parameters_outlive_what_borrows_from_them ... ok")
        .says("`edition_2021::temporary` is `#[no_alloc]`, but it allocated once, 4 bytes")
        .says("`edition_2021::Loud::owned` is `#[no_alloc]`, but it allocated once, 4 bytes");
}

#[test]
fn reports_name_the_whole_path_and_mark_the_right_characters() {
    cargo("test -p edition-2021 --lib")
        .failed()
        .says("`edition_2021::parse::parse` is `#[no_alloc]`")
        // After characters of more than one byte.
        .says("\n   |                                     ^^^^^^^^ alloc of 6 bytes\n")
        .says("\n   |            -\n");
}

#[test]
fn what_a_bench_target_times_of_its_own_is_what_ships() {
    let said = cargo(&format!("bench -p edition-2021 -- {QUICK}")).passed();
    said.says("note: guard live on 0 of 10 functions: they are timed as they ship\n");
    assert_eq!(said.row("guarded")[3..5], ["0", "0 B"]);
    // A name with a path in it stays a name.
    assert_eq!(said.row("budgeted/Vec::with_capacity")[3..5], ["1", "3 B"]);
    cargo("test -p edition-2021 --bench hot")
        .passed()
        .says("note: guard live on 10 of 10 functions\n");
}

#[test]
fn a_library_without_std_of_2018_has_cases_and_guards() {
    cargo("build --release -p no-std").passed();
    let said = cargo("test -p no-std --bench hot").passed();
    for case in [
        "double_u32/given",
        "double_u32/own/3",
        "double_u64/own/4",
        "first/all/2",
        "last/u8/2",
        "last/String/2",
        "narrow",
    ] {
        said.says(&format!("test no-std::{case} ... ok"));
    }
    assert!(!said.stdout.contains("wide"), "{said}");
    cargo("test -p no-std --lib")
        .failed()
        .says("test tests::functions_of_the_library_are_guarded ... ok")
        .says("`no_std::tests::shown` is `#[no_alloc]`, but it allocated once, 2 bytes");
}

#[test]
fn a_function_that_is_configured_out_is_no_case() {
    let said = cargo("test -p no-std --bench hot --features wide -- wide narrow").passed();
    said.says("test no-std::wide ... ok");
    assert!(!said.stdout.contains("no-std::narrow"), "{said}");
}

//! What a run looks like on a terminal, and where there is none.

use std::process::Command;

use crate::support::{QUICK, Said, cargo, cargo_with, command, run};

/// Runs cargo on a terminal of 80 columns, which `script` makes; what is printed comes as standard output.
fn on_terminal(arguments: &str, variables: &[(&str, &str)]) -> Said {
    let cargo = env!("CARGO");
    let line = format!("stty cols 80 rows 24 && '{cargo}' {arguments}");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    script.env_remove("COLUMNS").env_remove("NO_COLOR");
    run(command(&mut script, ".", variables).env("TERM", "xterm"))
}

/// Begins a colour.
const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";

#[test]
fn a_bar_shows_the_case_how_many_there_are_and_the_time_left() {
    let bench = format!("bench -q -p adopted --bench hot -- {QUICK}");
    let said = on_terminal(&bench, &[]).passed();
    said.says(" 1/5 ").says(" left").says("adopted::sorting");
    // The table comes after it, and stays.
    assert!(said.row("sorting").len() > 4, "{said}");
    let quiet = on_terminal(&format!("{bench} --quiet"), &[]).passed();
    quiet.never_says(" 1/5 ").never_says(" left");
    assert!(quiet.row("sorting").len() > 4, "{quiet}");
}

#[test]
fn a_pipe_has_no_bar_and_no_colour() {
    let said = cargo(&format!("bench -q -p declared -- words {QUICK}")).failed();
    said.never_says("\u{1b}").never_says("s left");
    assert_eq!(said.row("words/wrong"), ["words/wrong", "FAILED"]);
}

#[test]
fn colours_are_for_terminals_and_for_those_who_want_them() {
    let arguments = format!("bench -q -p declared --bench hot -- words {QUICK}");
    let failed = format!("{RED}FAILED");
    on_terminal(&arguments, &[]).failed().says(&failed);
    let no_color = on_terminal(&arguments, &[("NO_COLOR", "1")]).failed();
    no_color.never_says(RED).says("FAILED");
    let never = on_terminal(&format!("{arguments} --color never"), &[("NO_COLOR", "")]);
    never.failed().never_says(RED).says("FAILED");
    let always = format!("{arguments} --color always");
    // What is said goes before what is set.
    cargo_with(&always, &[("NO_COLOR", "1")])
        .failed()
        .says(&failed);
    cargo("test -q -p adopted --bench hot -- sorting --color always")
        .passed()
        .says(&format!("test adopted::sorting ... {GREEN}ok"));
}

#[test]
fn the_table_fits_eighty_columns_with_names_of_any_length() {
    let said = on_terminal(&format!("bench -q -p odd-names -- {QUICK} told"), &[]).passed();
    let (_, table) = said.stdout.split_once("\ncase ").expect("a table");
    // Remarks are sentences, for the terminal to break.
    let (table, _) = table.split_once("\nnote: ").unwrap_or((table, ""));
    for line in table.lines().map(str::trim_end) {
        // Of the names' wide characters each takes two columns.
        let wide = line.chars().filter(|c| "日本語".contains(*c)).count();
        assert!(line.chars().count() + wide <= 80, "{line}\n{said}");
    }
    // None is cut.
    assert!(table.matches('x').count() >= 2 * 295, "{said}");
}

#[test]
fn a_narrow_table_has_what_does_not_fit_below() {
    let sums = format!("bench -q -p declared -- sum_ {QUICK}");
    let wide = cargo(&sums).passed();
    assert_eq!(wide.stdout.matches("declared\n").count(), 1, "{wide}");
    let narrow = cargo_with(&sums, &[("COLUMNS", "60")]).passed();
    assert!(narrow.stdout.matches("declared\n").count() > 1, "{narrow}");
    let longest = narrow.stdout.lines().map(|line| line.chars().count());
    assert!(longest.max() <= Some(60), "{narrow}");
    narrow.says("baseline");
}

#[test]
fn criterion_is_heard_with_verbose_alone() {
    let bench = format!("bench -q -p adopted -- sorting {QUICK}");
    cargo(&bench).passed().never_says("Collecting");
    let said = cargo(&format!("{bench} --verbose")).passed();
    assert!(said.stderr.contains("adopted::sorting\n"), "{said}");
    assert!(said.stderr.contains("Benchmarking case"), "{said}");
    assert!(!said.stdout.contains("Benchmarking case"), "{said}");
}

#[test]
fn a_budget_of_time_is_shared() {
    // Where nothing is left, each has the least that there is, a sixth of it to warm up.
    let said = cargo("bench -q -p adopted -- --time-budget 0.001s --verbose").passed();
    let least = said.stderr.matches("Warming up for 3.3333 ms").count();
    assert_eq!(least, 5, "{said}");
    let said = cargo(
        "bench -q -p adopted -- sorting --time-budget 1000 --warm-up-time 0.02 --measurement-time 0.03 --verbose",
    );
    // A flag goes before it.
    said.passed().says("Warming up for 20.000 ms");
}

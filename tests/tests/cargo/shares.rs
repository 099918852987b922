//! `--profile`: which share of a program's time the function of a case has.

use crate::support::{UNOPTIMISED, cargo, cargo_with, folder};

#[test]
fn a_case_has_the_share_of_its_function_in_a_profile_of_the_program() {
    let profile = folder("shares").join("profile.json");
    let path = profile.to_str().expect("UTF-8");
    // No bin, which a build of the bench target by another test would replace.
    let run = format!(
        "run -q --release {UNOPTIMISED} -p counted --example turns --features hotbench/profile"
    );
    cargo_with(&run, &[("HOTBENCH_PROFILE", path)]).passed();
    let check = format!("bench -p counted -- --check turns/100 made_before --profile {path}");
    let said = cargo(&check).passed();
    assert_eq!(said.row("case"), ["case", "allocs", "bytes", "of program"]);
    let row = said.row("turns/100");
    let share = row[3].strip_suffix(" %").expect("a share");
    let share: f64 = share.parse().expect("a number");
    assert!((0.0..=100.0).contains(&share) && share > 1.0, "{said}");
    // What is not hot is not in it.
    assert_eq!(said.row("made_before").len(), 3, "{said}");
    let said = cargo(&format!("{check} --format json")).passed();
    let document: serde_json::Value = serde_json::from_str(&said.stdout).expect("a document");
    let cases = document["cases"].as_array().expect("a list");
    let of = |id: &str| {
        cases
            .iter()
            .find(|case| case["id"] == id)
            .expect("it is there")
    };
    let shown = of("counted::turns/100")["program_share"]
        .as_f64()
        .expect("a number");
    assert!((shown * 100.0 - share).abs() < 0.06, "{shown}, {share}");
}

#[test]
fn what_is_no_profile_is_an_error() {
    let folder = folder("no-shares");
    for (name, text, reason) in [
        ("cut.json", "{\"schema\":1,\"fun", "EOF while parsing"),
        (
            "package.json",
            "{\"name\":\"app\"}",
            "missing field `schema`",
        ),
        (
            "later.json",
            "{\"schema\":7,\"functions\":[]}",
            "it has schema 7, this harness reads 1",
        ),
    ] {
        let file = folder.join(name);
        std::fs::write(&file, text).expect("written");
        let said = cargo(&format!(
            "bench -p counted -- --check --profile {}",
            file.display()
        ));
        let said = said.failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says(&format!("{name} is no profile of a program"))
            .says(reason);
    }
    // Cargo runs a bench target in the folder of its package, which is not where one has typed this.
    let said = cargo("bench -p counted -- --check --profile absent.json").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("absent.json can't be read: No such file")
        .says("/counted, where Cargo runs this bench target: pass whole paths");
}

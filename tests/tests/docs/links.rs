//! The files that documents name or lead to.

use crate::{code, documents, prose, text, workspace};

/// `a/{b,c}.rs` is two.
fn alternatives(path: &str) -> Vec<String> {
    let parts = path
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        None => vec![path.to_owned()],
        Some((before, (choice, after))) => choice
            .split(',')
            .map(|one| format!("{before}{one}{after}"))
            .collect(),
    }
}

#[test]
fn each_file_that_is_named_to_contributors_is_there() {
    let mut named = 0;
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = text(document);
        let prose = prose(&text);
        let is_path = |code: &&str| {
            let ending = ["/", ".json", ".md", ".rs", ".toml", ".yml"]
                .iter()
                .any(|it| code.ends_with(it));
            // That one is in a user's package.
            ending && !code.contains(' ') && *code != "benches/hotbench.toml"
        };
        for path in code(&prose).filter(is_path).flat_map(alternatives) {
            // The map leaves out `runtime/` and `src/`, and of what a paragraph is about the package.
            let package = path.split_once('/');
            let sources = package.map(|(package, file)| format!("runtime/{package}/src/{file}"));
            let folders = [
                ".",
                "macros/src",
                "runtime/cli/src",
                "runtime/engine/src",
                "runtime/engine/src/heap",
                "runtime/harness/src",
            ];
            let is_there = folders
                .iter()
                .map(|folder| format!("{folder}/{path}"))
                .chain(sources)
                .any(|path| workspace().join(path).exists());
            assert!(is_there, "{document}: there is no {path}");
            named += 1;
        }
    }
    assert!(named > 100, "{named}");
}

#[test]
fn each_link_leads_to_a_file_and_a_heading() {
    let mut links = 0;
    for document in documents() {
        let text = text(&document);
        let prose = prose(&text);
        for link in prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = match file {
                "" => workspace().join(&document),
                file => workspace().join(&document).with_file_name("").join(file),
            };
            assert!(path.exists(), "{document}: {link}");
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&path).expect("text");
                let headings = text
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .map(anchor);
                assert!(
                    headings.into_iter().any(|it| it == heading),
                    "{document}: {link}"
                );
            }
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}

/// By which a link leads to a heading.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

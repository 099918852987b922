//! An edit as a unified diff.

use similar::TextDiff;

use super::files::{Content, Edit};
use super::terminal::{ADDED, NAME, PLACE, REMOVED, painted};

/// The diff of an edit, under the name that its file has for people.
pub(super) fn diff(edit: &Edit, name: &str) -> String {
    let (before, old) = match &edit.before {
        Some(text) => (text.as_str(), name),
        None => ("", "/dev/null"),
    };
    match &edit.after {
        Content::Text(after) => TextDiff::from_lines(before, after)
            .unified_diff()
            .header(old, name)
            .to_string(),
        Content::Link(to) => format!(
            "--- {old}\n+++ {name}\n@@ -0,0 +1 @@\n+(a link to {})\n",
            to.display()
        ),
    }
}

/// The same, for those who see colours.
pub(super) fn colored(diff: &str) -> String {
    let line = |(index, line): (usize, &str)| match line.as_bytes().first() {
        _ if index < 2 => painted(NAME, line),
        Some(b'+') => painted(ADDED, line),
        Some(b'-') => painted(REMOVED, line),
        Some(b'@') => painted(PLACE, line),
        _ => line.to_owned(),
    };
    let lines: Vec<String> = diff.lines().enumerate().map(line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::diff;
    use crate::files::{Content, Edit};

    #[test]
    fn a_change_a_new_file_and_a_link_are_each_shown() {
        let edit = |before: Option<&str>, after| Edit {
            path: "a".into(),
            before: before.map(str::to_owned),
            after,
        };
        let text = |text: &str| Content::Text(text.to_owned());
        let shown = diff(&edit(Some("1\n2\n"), text("1\n3\n")), "a");
        assert_eq!(shown, "--- a\n+++ a\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n");
        let shown = diff(&edit(None, text("1\n")), "a");
        assert_eq!(shown, "--- /dev/null\n+++ a\n@@ -0,0 +1 @@\n+1\n");
        let shown = diff(&edit(None, Content::Link("b".into())), "a");
        assert_eq!(
            shown,
            "--- /dev/null\n+++ a\n@@ -0,0 +1 @@\n+(a link to b)\n"
        );
    }
}

//! What is said of a place in the file, in the form of the compiler's diagnostics.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// What is wrong at a place.
#[derive(Debug, PartialEq)]
pub(super) struct Problem {
    pub(super) title: String,
    pub(super) span: Range<usize>,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

/// The file as it is shown, and its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// An error with its places and what may be done.
    pub(super) fn error(
        self,
        title: &str,
        places: impl IntoIterator<Item = (Range<usize>, String)>,
        remarks: impl IntoIterator<Item = (Level<'static>, String)>,
    ) -> String {
        let annotations = places.into_iter().map(|(span, label)| {
            let span = within(self.text, span);
            AnnotationKind::Primary.span(span).label(label)
        });
        let snippet = Snippet::source(self.text)
            .path(self.file)
            .annotations(annotations);
        let error = Group::with_title(Level::ERROR.primary_title(title)).element(snippet);
        let mut groups = vec![error];
        groups.extend(
            remarks
                .into_iter()
                .map(|(level, text)| Group::with_title(level.secondary_title(text))),
        );
        Renderer::plain().render(&groups)
    }

    /// All that is wrong.
    pub(super) fn problems(self, problems: &[Problem]) -> String {
        let shown = problems.iter().map(|problem| {
            let help = problem.help.clone().map(|help| (Level::HELP, help));
            let place = (problem.span.clone(), problem.label.clone());
            self.error(&problem.title, [place], help)
        });
        shown.collect::<Vec<_>>().join("\n\n")
    }
}

/// A place that is in the text: what is missed at its end is missed after the last line that says something.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let end = text.trim_end().len();
    if span.start >= end {
        let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
        return end - last..end;
    }
    span.start..span.end.clamp(span.start, end)
}

/// The line of a place, from 1.
pub(super) fn line(text: &str, span: &Range<usize>) -> usize {
    text[..span.start].matches('\n').count() + 1
}

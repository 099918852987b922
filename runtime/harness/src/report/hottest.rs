//! Where the time of each case goes, below the table: the hottest of the user's own functions.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::console::Console;
use super::document::Report;
use super::measurement::{HotFunction, Measurement, Sampled, Symbols};
use hotbench_guard::text;

/// Fewer say little: shares are known to 5 points each way.
const FEW: u64 = 100;
/// Parts that are worth a word.
const NOTEWORTHY: f64 = 0.05;
const MOSTLY: f64 = 0.5;

/// Prints those of the cases of which samples were taken.
pub(crate) fn print(console: &mut Console, report: &Report) {
    let sampled = report.cases.iter();
    let sampled: Vec<(&str, &Sampled)> = sampled
        .filter_map(|case| Some((case.id.as_str(), case.sampled.as_ref()?)))
        .collect();
    if !sampled.is_empty() {
        console.print(&render(&sampled));
    }
}

fn render(cases: &[(&str, &Sampled)]) -> String {
    let mut text = String::from(
        "\nwhere the time goes, by functions of your own\n\
         (self: and what it calls of the standard library and of other crates)\n",
    );
    for (id, sampled) in cases {
        let samples = text::count(sampled.samples, "sample");
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{id}: {samples} in {:.1} s", sampled.duration_s);
        text.push_str(&functions(&sampled.hottest));
        for remark in remarks(sampled) {
            let _ = writeln!(text, "  {remark}");
        }
        if let Some(file) = &sampled.flamegraph {
            let _ = writeln!(text, "  {file}");
        }
    }
    text
}

fn functions(hottest: &[HotFunction]) -> String {
    let width = |function: &HotFunction| function.function.width();
    let widest = hottest.iter().map(width).max().unwrap_or(0);
    let mut text = String::new();
    if !hottest.is_empty() {
        text.push_str("     self    total\n");
    }
    for function in hottest {
        let place = match (&function.file, function.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            _ => String::new(),
        };
        let [own, total] = [function.self_share, function.total_share]
            .map(|share| format!("{:.1} %", share * 100.0));
        let padding = widest - width(function);
        let row = format!(
            "  {own:>7}  {total:>7}  {}{:padding$}  {place}",
            function.function, ""
        );
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// What is to be known of the samples, a sentence each.
fn remarks(sampled: &Sampled) -> Vec<String> {
    let mut remarks = Vec::new();
    let is_few = sampled.samples < FEW;
    let on_cpu = sampled.cpu_s / sampled.duration_s;
    let in_calls = sampled.duration_s / sampled.elapsed_s;
    let percent = |share: f64| (share * 100.0).round();
    if is_few {
        remarks.push(format!(
            "fewer than {FEW} samples: these shares say little. {}",
            if on_cpu < MOSTLY {
                "Samples are of the time on a CPU, of which there was little".to_owned()
            } else if sampled.samples == 0 {
                "`--measurement-time` makes it longer".to_owned()
            } else {
                let longer = longer(sampled);
                format!("`--measurement-time {longer}` takes enough")
            }
        ));
    }
    if on_cpu < MOSTLY {
        remarks.push(format!(
            "the calls had a CPU for {} % of their time: in the rest they waited, or other programs ran, and no \
             samples are taken",
            percent(on_cpu)
        ));
    }
    if is_few && in_calls < MOSTLY {
        remarks.push(format!(
            "the calls took {} % of the time, and their set-up the rest",
            percent(in_calls)
        ));
    }
    if sampled.own_handler {
        remarks.push(
            "the program handles SIGPROF, the signal by which samples are taken: its handler was taken out for the \
             time, and samples are missing where it came back"
                .to_owned(),
        );
    }
    remarks.extend(sampled.not_written.clone());
    let part = |count: u64| count as f64 / (sampled.samples + count) as f64;
    if sampled.outside > 0 && part(sampled.outside) > NOTEWORTHY {
        remarks.push(format!(
            "{} % of the samples were left out: they are not of your code, but of the loop around it, or of other \
             threads",
            percent(part(sampled.outside))
        ));
    }
    if sampled.lost > 0 && part(sampled.lost) > NOTEWORTHY {
        remarks.push(format!(
            "{} % of the samples were lost: there was no room for them, or several threads had theirs at once",
            percent(part(sampled.lost))
        ));
    }
    remarks
}

/// Seconds after which there are enough samples, if these come as they came.
fn longer(sampled: &Sampled) -> u64 {
    /// Nobody waits longer.
    const MOST: f64 = 600.0;
    let rate = sampled.samples as f64 / sampled.elapsed_s;
    let seconds = 2.0 * FEW as f64 / rate.max(f64::MIN_POSITIVE);
    seconds.clamp(1.0, MOST).ceil() as u64
}

/// What would show more, if anything would.
pub(crate) fn advice(cases: &[Measurement]) -> Option<String> {
    let symbols = |case: &Measurement| {
        let sampled = case
            .sampled
            .as_ref()
            .filter(|sampled| sampled.samples > 0)?;
        Some(sampled.symbols)
    };
    let known: Vec<Symbols> = cases.iter().filter_map(symbols).collect();
    let setting = "[profile.bench]\n    debug = \"line-tables-only\"";
    if known.contains(&Symbols::None) {
        Some(format!(
            "the program is stripped: none of its functions has a name, and all time is that of the case's function. \
             Write in the Cargo.toml of the workspace:\n\n    {setting}\n    strip = false\n"
        ))
    } else if known.contains(&Symbols::Names) {
        Some(format!(
            "there are no line tables: what was inlined is part of the function that it was inlined into. For lines \
             and for what was inlined, write in the Cargo.toml of the workspace:\n\n    {setting}\n"
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{advice, longer, remarks, render};
    use crate::report::measurement::{HotFunction, Measurement, Sampled, Symbols};
    use crate::report::samples::case;

    fn function(name: &str, line: Option<u32>, own: f64) -> HotFunction {
        HotFunction {
            function: name.to_owned(),
            file: line.map(|_| "src/lib.rs".to_owned()),
            line,
            self_share: own,
            total_share: 1.0,
        }
    }

    fn sampled() -> Sampled {
        Sampled {
            samples: 1_200,
            outside: 3,
            lost: 0,
            duration_s: 4.0,
            cpu_s: 4.0,
            elapsed_s: 5.0,
            symbols: Symbols::Lines,
            own_handler: false,
            hottest: vec![
                function("app::parse", Some(7), 0.8),
                function("app::長い", Some(9), 0.2),
                function("app::f", None, 0.0),
            ],
            flamegraph: Some("f.svg".to_owned()),
            folded: None,
            not_written: None,
        }
    }

    #[test]
    fn functions_stand_in_columns_with_their_places() {
        let text = render(&[("app::parse/long", &sampled())]);
        let (_, block) = text.split_once("crates)\n").expect("the heading");
        assert_eq!(
            block,
            "\napp::parse/long: 1,200 samples in 4.0 s\n     self    total\n\
             \x20  80.0 %  100.0 %  app::parse  src/lib.rs:7\n\
             \x20  20.0 %  100.0 %  app::長い   src/lib.rs:9\n\
             \x20   0.0 %  100.0 %  app::f\n  f.svg\n"
        );
    }

    #[test]
    fn what_makes_shares_doubtful_is_said() {
        assert!(remarks(&sampled()).is_empty());
        let few = Sampled {
            samples: 50,
            ..sampled()
        };
        assert_eq!(longer(&few), 20);
        assert!(remarks(&few)[0].ends_with("`--measurement-time 20` takes enough"));
        let all = Sampled {
            samples: 0,
            outside: 9,
            lost: 9,
            cpu_s: 0.1,
            duration_s: 1.0,
            own_handler: true,
            ..sampled()
        };
        assert_eq!(remarks(&all).len(), 6, "{:#?}", remarks(&all));
    }

    #[test]
    fn a_setting_is_named_where_it_would_show_more() {
        let of = |symbols| Measurement {
            sampled: Some(Sampled {
                symbols,
                ..sampled()
            }),
            ..case("app::f")
        };
        assert!(advice(&[case("app::f"), of(Symbols::Lines)]).is_none());
        let said = [Symbols::Names, Symbols::None].map(|symbols| advice(&[of(symbols)]));
        let [names, none] = said.map(|said| said.expect("some advice"));
        assert!(names.contains("debug = \"line-tables-only\"") && !names.contains("strip"));
        assert!(none.contains("strip = false"));
    }
}

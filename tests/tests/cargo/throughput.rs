//! `throughput` shows a rate beside the time.

use crate::support::{QUICK, Said, cargo};

/// The seconds of a case, and the cell of its rate.
fn time_and_rate<'a>(said: &'a Said, case: &str) -> (f64, &'a str) {
    let row = said.row(case);
    let (time, unit) = row[1].split_once(' ').expect("a time");
    assert_eq!(unit, "ns");
    (time.parse::<f64>().expect("a number") / 1e9, row[5])
}

fn number(rate: &str, unit: &str) -> f64 {
    let number = rate
        .strip_suffix(unit)
        .unwrap_or_else(|| panic!("{rate} is not in {unit}"));
    number.trim().parse().expect("a number")
}

#[test]
fn rates_are_what_one_call_works_on_by_its_time() {
    let said = cargo(&format!("bench -p declared -- longest copied {QUICK}")).failed();
    assert_eq!(
        said.row("case")[..6],
        [
            "case",
            "time",
            "95 % interval",
            "allocs",
            "bytes",
            "throughput"
        ]
    );
    let close = |shown: f64, expected: f64| {
        assert!(
            (shown / expected - 1.0).abs() < 0.01,
            "{shown} is not {expected}\n{said}"
        );
    };
    let (time, rate) = time_and_rate(&said, "longest/elements");
    close(number(rate, "M elements/s"), 4.0 / time / 1e6);
    let (time, rate) = time_and_rate(&said, "longest/bytes");
    let mib = 18.0 / time / f64::from(1 << 20);
    close(
        match rate.strip_suffix(" GiB/s") {
            Some(gib) => gib.parse::<f64>().expect("a number") * 1024.0,
            None => number(rate, "MiB/s"),
        },
        mib,
    );
    let (_, rate) = time_and_rate(&said, "longest/both");
    assert!(
        rate.contains("iB/s, ") && rate.ends_with(" M elements/s"),
        "{rate}"
    );
    assert!(time_and_rate(&said, "copied/bencher").1.ends_with("B/s"));
    assert!(
        !said.row("longest/neither").concat().contains("/s"),
        "{said}"
    );
    // Said where it stands, and of that case alone.
    assert_eq!(said.row("longest/negative"), ["longest/negative", "FAILED"]);
    said.says("a throughput is a number of bytes or elements, from 0 up");
}

//! Regions of every kind in each other, against a model: which one fails, and with what count.

mod support;

use hotbench::{allow_alloc, assert_no_alloc, hot, no_alloc};

use support::{allocate, report};

#[no_alloc]
fn deny(inner: &dyn Fn()) {
    inner();
}

#[no_alloc(forbid)]
fn forbid(inner: &dyn Fn()) {
    inner();
}

#[no_alloc(deny_dealloc)]
fn frozen(inner: &dyn Fn()) {
    inner();
}

#[hot(max_allocs = 1)]
fn one(inner: &dyn Fn()) {
    inner();
}

#[hot(max_bytes = 16)]
fn sixteen_bytes(inner: &dyn Fn()) {
    inner();
}

#[hot]
fn unlimited(inner: &dyn Fn()) {
    inner();
}

fn closure(inner: &dyn Fn()) {
    assert_no_alloc(inner);
}

fn allow(inner: &dyn Fn()) {
    allow_alloc(inner);
}

struct Kind {
    call: fn(&dyn Fn()),
    /// How its report begins.
    name: &'static str,
    /// Allocations of eight bytes, each freed, that it allows.
    limit: u64,
    forbid: bool,
    exempt: bool,
}

impl Kind {
    const fn new(call: fn(&dyn Fn()), name: &'static str, limit: u64) -> Self {
        Self {
            call,
            name,
            limit,
            forbid: false,
            exempt: false,
        }
    }
}

const KINDS: [Kind; 8] = [
    Kind::new(deny, "`nesting::deny` ", 0),
    Kind {
        forbid: true,
        ..Kind::new(forbid, "`nesting::forbid` ", 0)
    },
    Kind::new(frozen, "`nesting::frozen` ", 0),
    Kind::new(one, "`nesting::one` ", 1),
    Kind::new(sixteen_bytes, "`nesting::sixteen_bytes` ", 2),
    Kind::new(unlimited, "", u64::MAX),
    Kind::new(closure, "a closure in `assert_no_alloc` ", 0),
    Kind {
        exempt: true,
        ..Kind::new(allow, "", u64::MAX)
    },
];

/// A nesting of regions, with what is allocated before and after the one inside.
struct Level {
    kind: &'static Kind,
    before: u64,
    after: u64,
}

/// The first region to fail, and its count; or what was allocated in all, and exempt.
fn model(levels: &[Level]) -> Result<(u64, u64), (&'static str, u64)> {
    let Some((level, inside)) = levels.split_first() else {
        return Ok((0, 0));
    };
    let (total, exempt) = model(inside)?;
    let total = total + level.before + level.after;
    let counted = if level.kind.forbid {
        total
    } else {
        total - exempt
    };
    if counted > level.kind.limit {
        return Err((level.kind.name, counted));
    }
    Ok((total, if level.kind.exempt { total } else { exempt }))
}

fn run(levels: &[Level]) {
    let Some((level, inside)) = levels.split_first() else {
        return;
    };
    (level.kind.call)(&|| {
        allocate(level.before as usize);
        run(inside);
        allocate(level.after as usize);
    });
}

#[track_caller]
fn agrees(levels: &[Level]) {
    let shown = || {
        let level = |level: &Level| format!("{}{}+{}", level.kind.name, level.before, level.after);
        levels.iter().map(level).collect::<Vec<_>>().join(" > ")
    };
    match (model(levels), report(|| run(levels))) {
        (Ok(_), None) => {}
        (Err((name, count)), Some(report)) => {
            let times = match count {
                1 => "allocated once".to_owned(),
                n => format!("allocated {n} times"),
            };
            let title = report.lines().next().expect("a title");
            assert!(
                title.starts_with(&format!("error: {name}")) && title.contains(&times),
                "{}\n{report}",
                shown()
            );
            // Its place is there, whatever was recorded around it.
            assert!(
                report.contains("black_box(Box::new(0_u64))"),
                "{}\n{report}",
                shown()
            );
        }
        (expected, report) => panic!("{}\n{expected:?}\n{report:?}", shown()),
    }
}

/// Each of three levels is of each kind, and allocates before or after the next, or not.
#[test]
fn every_nesting_of_three_is_judged_as_the_model_says() {
    let levels = || {
        KINDS
            .iter()
            .flat_map(|kind| [(0, 0), (1, 0), (0, 1)].map(|n| (kind, n)))
    };
    for outer in levels() {
        for middle in levels() {
            for inner in levels() {
                let level = |(kind, (before, after))| Level {
                    kind,
                    before,
                    after,
                };
                agrees(&[level(outer), level(middle), level(inner)]);
            }
        }
    }
}

/// Deeper, and with more: a sample.
#[test]
fn deep_nestings_are_judged_as_the_model_says() {
    // A linear congruential generator: the same sample each time (Knuth, MMIX).
    let mut state = 1_u64;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for _ in 0..2_000 {
        let depth = 1 + below(8);
        let levels: Vec<Level> = (0..depth)
            .map(|_| Level {
                kind: &KINDS[below(KINDS.len() as u64) as usize],
                before: below(6) / 4,
                after: below(6) / 4,
            })
            .collect();
        agrees(&levels);
    }
}

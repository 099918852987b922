//! What is seen in the stacks of samples: which of the user's functions have them, and the stacks folded, as
//! flamegraphs are made of.
//!
//! What is around the case's function is cut off, and so are samples of the harness itself. Its closures are one
//! with a function, and so are its calls of itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use crate::registry::Case;
use crate::report::measurement::{HotFunction, Symbols};
use crate::symbols::{self, Frame};

/// Of a stack with more functions than a drawing has room for, so many are left at either end.
const KEPT: usize = 100;
/// Those of the user's functions that are named.
const NAMED: usize = 5;

/// Stacks of return addresses, innermost first, and how often each was met.
#[derive(Default)]
pub(super) struct Stacks {
    met: HashMap<Box<[usize]>, u64>,
    len: u64,
}

/// What is found in them.
pub(super) struct Found {
    pub(super) samples: u64,
    pub(super) outside: u64,
    pub(super) symbols: Symbols,
    pub(super) hottest: Vec<HotFunction>,
    /// A line for each stack: its functions, outermost first, and how often it was met.
    pub(super) folded: String,
}

impl Stacks {
    pub(super) fn add(&mut self, stack: &[usize]) {
        self.len += 1;
        if let Some(count) = self.met.get_mut(stack) {
            *count += 1;
        } else {
            self.met.insert(stack.into(), 1);
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Looks up the functions, which takes some time at first.
    pub(super) fn resolve(self, case: &Case) -> Found {
        let stacks = self.met.into_iter();
        let stacks = stacks.map(|(addresses, count)| (symbols::frames(&addresses), count));
        fold(stacks, case)
    }
}

/// Where a sample is.
enum Where<'a> {
    /// In the case's function: what it has called, innermost first.
    Inside(&'a [Frame]),
    Outside,
    /// On another thread, that makes what a call needs, or waits for its turn.
    Unmetered,
}

fn fold(stacks: impl Iterator<Item = (Vec<Frame>, u64)>, case: &Case) -> Found {
    let mut known = Known::default();
    let mut functions = Functions::new(case);
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut outside = 0;
    for (frames, count) in stacks {
        known.learn(&frames);
        match place(&frames, case) {
            Where::Inside(inside) => {
                functions.add(inside, count);
                *lines.entry(line(inside, &functions.root)).or_default() += count;
            }
            Where::Outside => outside += count,
            Where::Unmetered => {}
        }
    }
    let mut folded = String::new();
    for (line, count) in lines {
        // Writing to a string does not fail.
        let _ = writeln!(folded, "{line} {count}");
    }
    Found {
        samples: functions.samples,
        outside,
        symbols: known.symbols(),
        hottest: functions.hottest(),
        folded,
    }
}

fn place<'a>(frames: &'a [Frame], case: &Case) -> Where<'a> {
    let Some(loop_at) = frames.iter().position(symbols::is_harness) else {
        // A thread of the case's own, or a stripped program. Of the latter, what is called of libraries has a name.
        let users = frames.iter().rposition(symbols::is_users);
        let named = frames.iter().take_while(|frame| frame.function.is_some());
        return match users {
            Some(outermost) => Where::Inside(&frames[..=outermost]),
            None if named.clone().count() < frames.len() => Where::Inside(&frames[..named.count()]),
            None => Where::Outside,
        };
    };
    if frames[loop_at..].iter().any(is_unmetered) {
        return Where::Unmetered;
    }
    let is_users_callee = |frame: &Frame| !is_generated(frame, case) && !is_black_box(frame);
    let inside = &frames[..loop_at];
    let calls = inside.iter().rposition(is_users_callee);
    match calls {
        Some(outermost) => Where::Inside(&inside[..=outermost]),
        // Of what is inlined into the loop, only line tables tell.
        None if frames[loop_at].place.is_none() => Where::Inside(&[]),
        None if inside.iter().any(|frame| is_generated(frame, case)) => Where::Inside(&[]),
        None => Where::Outside,
    }
}

fn is_unmetered(frame: &Frame) -> bool {
    let name = frame.function.as_deref().map(symbols::plain);
    name.is_some_and(|name| name.ends_with("::unmetered"))
}

fn is_black_box(frame: &Frame) -> bool {
    let name = frame.function.as_deref();
    name.is_some_and(|name| name.starts_with("core::hint::"))
}

/// Whether it is the closure around the call, which stands where the attribute does.
fn is_generated(frame: &Frame, case: &Case) -> bool {
    let is_named = |name: &str| name.contains("__hotbench");
    let stands_there = || {
        frame.place.as_ref().is_some_and(|place| {
            let lines = case.attribute_line as usize..case.line as usize;
            lines.contains(&place.line) && place.file.ends_with(case.file)
        })
    };
    frame.function.as_deref().is_some_and(is_named) || (is_anonymous(frame) && stands_there())
}

/// Whether it has no name but `{closure#0}`.
fn is_anonymous(frame: &Frame) -> bool {
    let name = frame.function.as_deref();
    name.is_some_and(|name| name.starts_with('{'))
}

/// What the debug info, and the symbols, know.
#[derive(Default)]
struct Known {
    names: bool,
    lines: bool,
}

impl Known {
    fn learn(&mut self, frames: &[Frame]) {
        let mut own = frames
            .iter()
            .filter(|frame| symbols::is_harness(frame) || symbols::is_users(frame));
        if let Some(frame) = own.next() {
            self.names = true;
            self.lines |= frame.place.is_some();
        }
    }

    fn symbols(&self) -> Symbols {
        match (self.lines, self.names) {
            (true, _) => Symbols::Lines,
            (false, true) => Symbols::Names,
            (false, false) => Symbols::None,
        }
    }
}

/// A function of the user's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Function {
    name: String,
    file: Option<String>,
}

#[derive(Default)]
struct Shares {
    own: u64,
    total: u64,
    /// Of its own samples.
    lines: BTreeMap<usize, u64>,
}

impl Function {
    /// The case's, as other functions of its module are named.
    fn of_case(case: &Case) -> Self {
        Self {
            name: format!("{}::{}", case.module, case.function),
            file: Some(case.file.to_owned()),
        }
    }

    fn of_frame(frame: &Frame) -> Option<Self> {
        let place = frame.place.as_ref();
        Some(Self {
            name: symbols::short_name(frame)?,
            file: place.map(|place| place.file.display().to_string()),
        })
    }

    /// Whether a frame is this function, if it is the outermost of the user's: by its name, or as the closure that
    /// a `Bencher` calls, or as the future that is awaited.
    fn is_outermost(&self, frame: &Frame) -> bool {
        let name = |path: &str| path.rsplit("::").next().map(str::to_owned);
        is_anonymous(frame)
            || symbols::short_name(frame).is_some_and(|path| name(&path) == name(&self.name))
    }
}

struct Functions {
    /// The case's, which all else is inside of.
    root: Function,
    samples: u64,
    shares: BTreeMap<Function, Shares>,
}

impl Functions {
    fn new(case: &Case) -> Self {
        Self {
            root: Function::of_case(case),
            samples: 0,
            shares: BTreeMap::new(),
        }
    }

    /// A sample: the case's function is in it, whether it has a frame or was inlined.
    fn add(&mut self, inside: &[Frame], count: u64) {
        self.samples += count;
        let users: Vec<&Frame> = inside.iter().filter(|f| symbols::is_users(f)).collect();
        let mut met = HashSet::new();
        let mut innermost = true;
        for (index, frame) in users.iter().enumerate() {
            let is_root = index + 1 == users.len() && self.root.is_outermost(frame);
            let function = Function::of_frame(frame).filter(|_| !is_root);
            let function = function.unwrap_or_else(|| self.root.clone());
            let shares = self.shares.entry(function.clone()).or_default();
            if std::mem::take(&mut innermost) {
                shares.own += count;
                if let Some(place) = &frame.place {
                    *shares.lines.entry(place.line).or_default() += count;
                }
            }
            if met.insert(function) {
                shares.total += count;
            }
        }
        let root = self.shares.entry(self.root.clone()).or_default();
        if innermost {
            root.own += count;
        }
        if !met.contains(&self.root) {
            root.total += count;
        }
    }

    fn hottest(self) -> Vec<HotFunction> {
        let share = |count: u64| count as f64 / self.samples as f64;
        let mut shares: Vec<_> = self.shares.into_iter().collect();
        shares.sort_by_key(|(_, shares)| std::cmp::Reverse((shares.own, shares.total)));
        let hottest = shares.into_iter().take(NAMED);
        let hottest = hottest.map(|(function, shares)| {
            let line = shares.lines.iter().max_by_key(|(_, count)| **count);
            HotFunction {
                function: function.name,
                file: function.file.filter(|_| line.is_some()),
                line: line.and_then(|(line, _)| u32::try_from(*line).ok()),
                self_share: share(shares.own),
                total_share: share(shares.total),
            }
        });
        hottest.collect()
    }
}

/// The stack in one line, the case's function first.
fn line(inside: &[Frame], root: &Function) -> String {
    let mut names = vec![root.name.clone()];
    let users = inside.iter().rposition(symbols::is_users);
    for (index, frame) in inside.iter().enumerate().rev() {
        let is_root = Some(index) == users && root.is_outermost(frame);
        let name = match symbols::short_name(frame) {
            _ if is_root => root.name.clone(),
            Some(name) => name,
            None => "[unknown]".to_owned(),
        };
        // What separates functions, and lines.
        let name = name.replace(';', ",").replace('\n', " ");
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    if names.len() > 2 * KEPT {
        let end = names.len() - KEPT;
        names.splice(KEPT..end, [format!("[{} more]", end - KEPT)]);
    }
    names.join(";")
}

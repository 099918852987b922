//! What is seen in the stacks of samples: which of the user's functions have them, and the stacks folded, as
//! flamegraphs are made of.
//!
//! What is around the case's function is cut off, and so are samples of the harness itself. Its closures are one
//! with a function, and so are its calls of itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::figures::{HotFunction, Symbols};
use crate::registry::Case;
use hotbench_guard::symbols::{self, Frame};

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
        let stacks: Vec<_> = stacks
            .map(|(addresses, count)| (frames(&addresses), count))
            .collect();
        fold(&stacks, case)
    }
}

/// The functions at return addresses; of one that nothing is known of, a frame without a name.
fn frames(addresses: &[usize]) -> Vec<Frame> {
    let of_address = |address: &usize| {
        let mut frames = symbols::frames(&[*address]);
        if frames.is_empty() {
            frames.push(Frame::default());
        }
        frames
    };
    addresses.iter().flat_map(of_address).collect()
}

/// Where a sample is.
enum Where<'a> {
    /// In the case's function: what it has called, innermost first.
    Inside(&'a [Frame]),
    Outside,
    /// On another thread, that makes what a call needs, or waits for its turn.
    Unmetered,
}

fn fold(stacks: &[(Vec<Frame>, u64)], case: &Case) -> Found {
    let symbols = known(stacks);
    let mut functions = Functions::new(case);
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut outside = 0;
    for (frames, count) in stacks {
        match place(frames, symbols, case) {
            Where::Inside(inside) => {
                let stack = named(inside, &functions.root);
                functions.add(&stack, *count);
                *lines.entry(line(&stack)).or_default() += count;
            }
            Where::Outside => outside += *count,
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
        symbols,
        hottest: functions.hottest(),
        folded,
    }
}

fn place<'a>(frames: &'a [Frame], symbols: Symbols, case: &Case) -> Where<'a> {
    if symbols == Symbols::None {
        // What is called of libraries has a name still.
        let named = frames.iter().position(|frame| frame.function.is_none());
        return Where::Inside(&frames[..named.unwrap_or(0)]);
    }
    let Some(loop_at) = frames.iter().position(symbols::is_harness) else {
        // A thread of the case's own.
        let users = frames.iter().rposition(symbols::is_users);
        return users.map_or(Where::Outside, |outermost| {
            Where::Inside(&frames[..=outermost])
        });
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

/// What the debug info, and the symbols, tell of the program's own functions.
fn known(stacks: &[(Vec<Frame>, u64)]) -> Symbols {
    let frames = || stacks.iter().flat_map(|(frames, _)| frames);
    let mut own = frames().filter(|frame| symbols::is_harness(frame) || symbols::is_users(frame));
    match own.clone().next() {
        None => Symbols::None,
        Some(_) if own.any(|frame| frame.place.is_some()) => Symbols::Lines,
        Some(_) => Symbols::Names,
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

    /// `file!()` is relative, and debug info is not.
    fn is_in_file_of(&self, other: &Self) -> bool {
        let [Some(own), Some(other)] = [&self.file, &other.file] else {
            return false;
        };
        Path::new(other).ends_with(own)
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
    /// Where that is written.
    line: u32,
    samples: u64,
    shares: BTreeMap<Function, Shares>,
}

impl Functions {
    fn new(case: &Case) -> Self {
        Self {
            root: Function::of_case(case),
            line: case.line,
            samples: 0,
            shares: BTreeMap::new(),
        }
    }

    fn add(&mut self, stack: &[Named], count: u64) {
        self.samples += count;
        let mut met = HashSet::new();
        let users = stack.iter().rev().filter(|named| named.is_users);
        for (index, named) in users.enumerate() {
            let shares = self.shares.entry(named.function.clone()).or_default();
            if index == 0 {
                shares.own += count;
                if let Some(line) = named.line {
                    *shares.lines.entry(line).or_default() += count;
                }
            }
            if met.insert(&named.function) {
                shares.total += count;
            }
        }
    }

    fn hottest(self) -> Vec<HotFunction> {
        let share = |count: u64| count as f64 / self.samples as f64;
        let mut shares: Vec<_> = self.shares.into_iter().collect();
        shares.sort_by_key(|(_, shares)| std::cmp::Reverse((shares.own, shares.total)));
        let hottest = shares.into_iter().take(NAMED);
        let hottest = hottest.map(|(function, shares)| {
            let line = shares.lines.iter().max_by_key(|(_, count)| **count);
            let line = line.and_then(|(line, _)| u32::try_from(*line).ok());
            let line = line.or((function == self.root).then_some(self.line));
            HotFunction {
                function: function.name,
                file: function.file.filter(|_| line.is_some()),
                line,
                self_share: share(shares.own),
                total_share: share(shares.total),
            }
        });
        hottest.collect()
    }
}

/// A function of a stack.
struct Named {
    function: Function,
    is_users: bool,
    line: Option<usize>,
}

/// The functions of a stack, outermost first, which is the case's: it is in each sample, whether it has a frame or
/// was inlined.
fn named(inside: &[Frame], root: &Function) -> Vec<Named> {
    let mut stack = vec![Named {
        function: root.clone(),
        is_users: true,
        line: None,
    }];
    let mut is_root = true;
    for frame in inside.iter().rev() {
        let is_users = symbols::is_users(frame);
        is_root &= !is_users || root.is_outermost(frame);
        let function = match Function::of_frame(frame) {
            Some(function) if is_users && (is_root || function.name == root.name) => root.clone(),
            Some(function) if is_users && is_closure(frame) => enclosing(&stack, function),
            Some(function) => function,
            None => Function {
                name: "[unknown]".to_owned(),
                file: None,
            },
        };
        stack.push(Named {
            function,
            is_users,
            line: frame.place.as_ref().map(|place| place.line),
        });
    }
    stack
}

/// Whether it has no name, for there are line tables alone, but is of a function around it.
fn is_closure(frame: &Frame) -> bool {
    let name = frame.function.as_deref();
    name.is_some_and(|name| name.starts_with("{closure") || name.starts_with("{async_block"))
}

/// The innermost function of the same file, which a closure is likely of.
fn enclosing(stack: &[Named], closure: Function) -> Function {
    let mut users = stack.iter().rev().filter(|named| named.is_users);
    match users.next() {
        Some(caller) if caller.function.is_in_file_of(&closure) => caller.function.clone(),
        _ => closure,
    }
}

/// The stack in one line, the case's function first.
fn line(stack: &[Named]) -> String {
    let mut names: Vec<String> = Vec::new();
    for named in stack {
        // Without what separates functions, and lines.
        let name = named.function.name.replace(';', ",").replace('\n', " ");
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

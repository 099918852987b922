//! What is compared: functions of different kinds, which do more in the newer of two copies of this executable.
//!
//! How much more is decided when they run, by the name of the copy, so that the copies are the same to the byte,
//! and nothing but the work differs.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::sync::LazyLock;

use hotbench::bench_case;

/// By how many per cent the newer copy does more.
pub(crate) const MORE: &str = "HOTBENCH_BENCHES_MORE";

/// So many turns in the older copy, and more of them in the newer.
fn turns(old: usize) -> usize {
    static MORE_PERCENT: LazyLock<usize> = LazyLock::new(|| {
        let executable = std::env::current_exe().unwrap_or_default();
        let is_newer = executable.file_name().is_some_and(|name| name == "new");
        let more = std::env::var(MORE).ok().filter(|_| is_newer);
        more.and_then(|percent| percent.parse().ok()).unwrap_or(0)
    });
    old + old * *MORE_PERCENT / 100
}

/// Who takes the same functions as the cases below.
pub(crate) trait Visitor {
    /// `make` makes what is to be timed.
    fn function<O: 'static, F: FnMut() -> O + 'static>(
        &mut self,
        name: &'static str,
        make: impl Fn() -> F + 'static,
    );
}

/// Shows each function, with what its case calls it with.
pub(crate) fn each(visitor: &mut impl Visitor) {
    visitor.function("arithmetic", || {
        let turns = turns(200);
        move || arithmetic(&turns)
    });
    visitor.function("sorting", || {
        let (numbers, turns) = (numbers(100), turns(50));
        move || sorting(&numbers, &turns)
    });
    visitor.function("hashing", || {
        let (map, keys, turns) = (pairs().collect(), numbers(1 << 10), turns(1_000));
        move || hashing(&map, &keys, &turns)
    });
    visitor.function("tree", || {
        let (map, keys, turns) = (pairs().collect(), numbers(1 << 10), turns(500));
        move || tree(&map, &keys, &turns)
    });
    visitor.function("growing", || {
        let turns = turns(100);
        move || growing(&turns)
    });
    visitor.function("boxing", || {
        let turns = turns(100);
        move || boxing(&turns)
    });
    visitor.function("formatting", || {
        let turns = turns(100);
        move || formatting(&turns)
    });
    visitor.function("parsing", || {
        let (lines, turns) = (lines(), turns(50));
        move || parsing(&lines, &turns)
    });
    visitor.function("scanning", || {
        let (bytes, turns) = (bytes(), turns(50));
        move || scanning(&bytes, &turns)
    });
    visitor.function("pointer_chase", || {
        let (chain, turns) = (chain(), turns(400));
        move || pointer_chase(&chain, &turns)
    });
    visitor.function("branches", || {
        let (numbers, turns) = (numbers(256), turns(100));
        move || branches(&numbers, &turns)
    });
    visitor.function("summing", || {
        let (numbers, turns) = (floats(), turns(1 << 14));
        move || summing(&numbers, &turns)
    });
    visitor.function("copying", || {
        let turns = turns(1_500);
        move || copying(&turns)
    });
}

fn mixed(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ (state << 17)
}

pub(crate) fn numbers(count: usize) -> Vec<u32> {
    let mut state = 88_172_645_463_325_252;
    let mut next = || {
        state = mixed(state);
        state as u32
    };
    (0..count).map(|_| next()).collect()
}

fn pairs() -> impl Iterator<Item = (u32, u32)> {
    numbers(1 << 10).into_iter().map(|number| (number, number))
}

#[bench_case(args(&turns(200)))]
fn arithmetic(turns: &usize) -> u64 {
    (0..*turns).fold(1, |state, turn| mixed(black_box(state) ^ turn as u64))
}

#[bench_case(args(&numbers(100), &turns(50)))]
fn sorting(numbers: &[u32], turns: &usize) -> u32 {
    let mut buffer = [0; 100];
    (0..*turns).fold(0, |sum, _| {
        buffer.copy_from_slice(black_box(numbers));
        buffer.sort_unstable();
        sum ^ buffer[7]
    })
}

#[bench_case(args(&pairs().collect(), &numbers(1 << 10), &turns(1_000)))]
fn hashing(map: &HashMap<u32, u32>, keys: &[u32], turns: &usize) -> u32 {
    let keys = keys.iter().cycle().take(*turns);
    keys.fold(0, |sum, key| {
        sum ^ map.get(black_box(key)).copied().unwrap_or(1)
    })
}

#[bench_case(args(&pairs().collect(), &numbers(1 << 10), &turns(500)))]
fn tree(map: &BTreeMap<u32, u32>, keys: &[u32], turns: &usize) -> u32 {
    let keys = keys.iter().cycle().take(*turns);
    keys.fold(0, |sum, key| {
        sum ^ map.get(black_box(key)).copied().unwrap_or(1)
    })
}

/// As many as there are turns, so that the work is theirs: what one takes grows by leaps.
#[bench_case(args(&turns(100)))]
fn growing(turns: &usize) -> usize {
    (0..*turns)
        .map(|turn| {
            let mut grown = Vec::new();
            for number in 0..40 {
                grown.push(black_box(turn ^ number));
            }
            grown[turn % 40]
        })
        .sum()
}

#[bench_case(args(&turns(100)))]
fn boxing(turns: &usize) -> usize {
    (0..*turns).map(|turn| *black_box(Box::new(turn))).sum()
}

#[bench_case(args(&turns(100)))]
fn formatting(turns: &usize) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for turn in 0..*turns {
        let _ = write!(text, "{turn},");
    }
    text
}

#[bench_case(args(&lines(), &turns(50)))]
fn parsing(lines: &[String], turns: &usize) -> u64 {
    let words = |line: &str| {
        let numbers = line.split(' ').filter_map(|word| word.parse::<u64>().ok());
        numbers.sum::<u64>()
    };
    (0..*turns)
        .map(|_| black_box(lines).iter().map(|line| words(line)).sum::<u64>())
        .sum()
}

fn lines() -> Vec<String> {
    let line = |n| format!("{} and {} or {}", n % 97, n % 7, n);
    numbers(8).into_iter().map(line).collect()
}

/// What an unrelated function above it is built to move: nothing that a user of `scanning` has changed.
#[cfg(feature = "unrelated")]
#[bench_case(args(&bytes()))]
fn unrelated(bytes: &[u8]) -> usize {
    let mut last = 0;
    let ends = bytes.iter().filter(|&&byte| {
        let is_end = byte == b' ' && last != b' ';
        last = byte;
        is_end
    });
    ends.count()
}

/// A state machine, whose branches lie well or badly.
#[bench_case(args(&bytes(), &turns(50)))]
fn scanning(bytes: &[u8], turns: &usize) -> usize {
    enum State {
        Between,
        Word,
        Number,
        Quoted,
    }
    (0..*turns).fold(0, |mut sum, _| {
        let mut state = State::Between;
        for &byte in black_box(bytes) {
            state = match (state, byte) {
                (State::Quoted, b'"') => State::Between,
                (State::Quoted, _) => State::Quoted,
                (_, b'"') => State::Quoted,
                (State::Word | State::Between, b'a'..=b'z') => {
                    sum += 1;
                    State::Word
                }
                (State::Number | State::Between, b'0'..=b'9') => {
                    sum = sum.wrapping_mul(10).wrapping_add(usize::from(byte));
                    State::Number
                }
                _ => State::Between,
            };
        }
        sum
    })
}

fn bytes() -> Vec<u8> {
    let lines = lines();
    let quoted = lines.iter().map(|line| format!("{line} \"{line}\" "));
    quoted.collect::<String>().into_bytes()
}

/// Goes on where the last call has ended, so that it gets all over the memory.
#[bench_case(args(&chain(), &turns(400)))]
fn pointer_chase(chain: &[u32], turns: &usize) -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};

    static AT: AtomicU32 = AtomicU32::new(0);
    let at = (0..*turns).fold(AT.load(Ordering::Relaxed), |at, _| chain[at as usize]);
    AT.store(at, Ordering::Relaxed);
    at
}

/// One cycle through 16 MiB, in no order.
fn chain() -> Vec<u32> {
    const LENGTH: u32 = 1 << 22;
    (0..LENGTH)
        .map(|at| (at.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)) % LENGTH)
        .collect()
}

#[bench_case(args(&numbers(256), &turns(100)))]
fn branches(numbers: &[u32], turns: &usize) -> u32 {
    (0..*turns).fold(0_u32, |sum, turn| {
        let number = black_box(numbers[turn % numbers.len()]);
        match number % 5 {
            0 => sum.wrapping_add(number),
            1 => sum ^ number,
            2 => sum.rotate_left(3),
            3 => sum.wrapping_mul(number | 1),
            _ => sum.wrapping_sub(number),
        }
    })
}

#[bench_case(args(&floats(), &turns(1 << 14)))]
fn summing(numbers: &[f32], turns: &usize) -> f32 {
    let numbers = numbers.iter().cycle().take(*turns);
    numbers.fold(0.0, |sum, number| sum + black_box(*number))
}

fn floats() -> Vec<f32> {
    numbers(1 << 14).into_iter().map(|n| n as f32).collect()
}

#[bench_case(args(&turns(1_500)))]
fn copying(turns: &usize) -> Vec<u8> {
    let mut bytes = vec![1_u8; 4_096];
    for turn in 0..*turns {
        let at = turn % 4_000;
        bytes.copy_within(at..at + 64, 4_000 - at);
        black_box(&mut bytes);
    }
    bytes
}

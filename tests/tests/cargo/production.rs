//! What ships carries nothing of the attributes.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::{cargo, run, target};

/// The functions whose code is compared; all are `#[inline(never)]` in the fixture.
const FUNCTIONS: [&str; 7] = [
    "plain::Buffer::into_last",
    "plain::Buffer::push",
    "plain::handed_on",
    "plain::joined",
    "plain::message",
    "plain::profiled",
    "plain::sum",
];

#[test]
fn an_inert_dependency_is_two_packages_its_macros_included() {
    let said = cargo("tree -p adopted -e normal --prefix none").passed();
    let packages: Vec<&str> = said
        .stdout
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(
        packages,
        ["adopted", "hotbench", "hotbench-inert"],
        "{said}"
    );
    cargo("tree -p adopted -e normal,dev --prefix none")
        .passed()
        .says("criterion v");
}

#[test]
fn an_inert_dependency_needs_no_standard_library() {
    cargo("build -p bare --config profile.dev.panic=\"abort\"").passed();
}

#[test]
fn the_attributes_add_no_lint_to_the_strictest_of_crates() {
    cargo("clippy -p pedantic --lib").passed();
    // And where the guard is live.
    cargo("clippy -p pedantic --lib --features hotbench/guard").passed();
    // And where there is the profile.
    cargo("clippy -p pedantic --lib --features hotbench/profile").passed();
    // And where the cases are registered.
    cargo("clippy -p pedantic --lib --features hotbench/harness").passed();
}

#[test]
fn machine_code_is_the_same_with_and_without_attributes() {
    // In turn, for each build replaces the other's library.
    let without = disassemble("build --release -p plain");
    let with = disassemble("build --release -p plain --features attributes");
    assert_eq!(
        with.keys().collect::<Vec<_>>(),
        without.keys().collect::<Vec<_>>()
    );
    for (function, code) in &without {
        assert_eq!(&with[function], code, "{function}");
    }

    // And in `cargo bench`, what is timed is what ships. Not so where `allow_alloc` or `propagate` is
    // called: they are functions, which can't see the cfgs of the crate that calls them.
    let timed = disassemble("build --release -p plain --features attributes,hotbench/harness");
    let calls_none = |name: &&&str| !["plain::message", "plain::handed_on"].contains(*name);
    for function in FUNCTIONS.iter().filter(calls_none) {
        assert_eq!(timed[*function], without[*function], "{function}");
    }
    // The comparison can fail: here the attributes do change the code.
    let live = disassemble("build --release -p plain --features attributes,hotbench/guard-release");
    assert_ne!(live["plain::sum"], without["plain::sum"]);
    let profiled = disassemble("build --release -p plain --features attributes,hotbench/profile");
    for function in ["plain::profiled", "plain::joined", "plain::Buffer::push"] {
        assert_ne!(profiled[function], without[function], "{function}");
    }
    // The profile is of hot paths alone.
    assert_eq!(profiled["plain::sum"], without["plain::sum"]);
}

/// The code of each function of `plain`, without addresses and symbols' hashes.
fn disassemble(build: &str) -> BTreeMap<String, String> {
    cargo(build).passed();
    let library = target().join("release").join("libplain.rlib");
    let listing = run(Command::new("objdump")
        .args(["-d", "-r", "-C", "--no-show-raw-insn", "--no-addresses"])
        .arg(library))
    .passed()
    .stdout;
    let mut functions = BTreeMap::new();
    for section in listing.split("\n\n") {
        let Some((name, code)) = section.trim_start().split_once(">:\n") else {
            continue;
        };
        let name = name.trim_start_matches('<').to_owned();
        // What was asked for: everything of the fixture's own.
        if name.starts_with("plain::") && !name.contains("__") {
            functions.insert(name, code.lines().map(normalised).collect());
        }
    }
    for function in FUNCTIONS {
        assert!(
            functions.contains_key(function),
            "{function} is not in {:?}",
            functions.keys()
        );
    }
    functions
}

/// Instructions that a call without an active region may take more than the inner allocator's.
#[cfg(target_arch = "x86_64")]
const INSTRUCTIONS: usize = 3;

#[test]
#[cfg(target_arch = "x86_64")]
fn the_allocator_takes_three_instructions_more_while_no_region_is_active() {
    cargo("build --release -p fast-path").passed();
    let program = target().join("release").join("fast-path");
    let listing = run(Command::new("objdump")
        .args(["-d", "--no-show-raw-insn", "--no-addresses"])
        .arg(program))
    .passed()
    .stdout;
    for method in ["alloc", "alloc_zeroed", "realloc", "dealloc"] {
        let bare = to_the_tail_call(&listing, &format!("bare_{method}"));
        let wrapped = to_the_tail_call(&listing, &format!("wrapped_{method}"));
        assert!(
            bare.len() + INSTRUCTIONS >= wrapped.len(),
            "{bare:#?}\n{wrapped:#?}"
        );
        // The comparison can fail: the flag is read.
        assert!(wrapped.len() > bare.len(), "{bare:#?}\n{wrapped:#?}");
    }
}

#[test]
fn the_guard_takes_little_of_each_threads_stack() {
    // glibc puts thread-locals there.
    const MOST: u64 = 1024;
    cargo("build --release -p fast-path").passed();
    let program = target().join("release").join("fast-path");
    let headers = run(Command::new("readelf").arg("-lW").arg(program)).passed();
    let mut lines = headers.stdout.lines().map(str::split_whitespace);
    let line = lines.find_map(|mut fields| (fields.next() == Some("TLS")).then_some(fields));
    let mut fields = line.unwrap_or_else(|| panic!("{headers}"));
    // The offset, two addresses, the size in the file, and that in memory.
    let size = fields.nth(4).and_then(|size| size.strip_prefix("0x"));
    let size = u64::from_str_radix(size.expect("a size"), 16).expect("a number");
    assert!(size <= MOST, "{size} bytes\n{headers}");
}

/// The instructions of a function from its entry to the tail call of libc's, where small alignments
/// lead without a branch taken.
#[cfg(target_arch = "x86_64")]
fn to_the_tail_call<'a>(listing: &'a str, function: &str) -> Vec<&'a str> {
    let start = format!("\n<{function}>:\n");
    let (_, code) = listing
        .split_once(&start)
        .expect("the function is in the program");
    let instructions = code.lines().map(str::trim);
    let mut path = Vec::new();
    for instruction in instructions.take_while(|line| !line.is_empty()) {
        path.push(instruction);
        if instruction.starts_with("jmp ") {
            return path;
        }
    }
    panic!("{function} ends without a tail call: {path:#?}");
}

/// A line without the hash of a symbol, and without the target of a call that is still to be
/// relocated: the relocation on the next line names it.
fn normalised(line: &str) -> String {
    let line = match line.split_once("17h") {
        Some((symbol, rest)) => format!(
            "{symbol}{}",
            rest.trim_start_matches(|c: char| c.is_ascii_hexdigit())
        ),
        None => line.to_owned(),
    };
    let call = line.trim_start().starts_with("call ");
    match line.split_once('<') {
        Some((before, _)) if call => format!("{before}\n"),
        _ => line + "\n",
    }
}

//! `--dhat`: every allocation with its stack, beside what the `dhat` crate counts, and in DHAT's own viewer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::html::browser::Browser;
use crate::support::{
    Said, UNOPTIMISED, bench_executable, cargo, copy_program, executable, folder, run, timed,
};

/// With the lines of this crate alone: the rest needs no other build.
static WITH_LINES: LazyLock<PathBuf> = LazyLock::new(|| {
    let lines = "--config profile.bench.package.heap.debug=\"line-tables-only\"";
    let built = executable(&format!(
        "bench -q {lines} -p heap --bench hot --no-run --message-format json"
    ));
    elsewhere("dhat-lines", &built)
});

/// All cases.
static RECORDED: LazyLock<Value> =
    LazyLock::new(|| document(&dhat(&WITH_LINES, "--format json").passed()));

/// A copy of a program in a folder of this name, beside which it writes its files.
fn elsewhere(name: &str, program: &Path) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("CACHEDIR.TAG"), "").expect("a file");
    let copy = folder.join("program");
    copy_program(program, &copy);
    copy
}

/// A run in the folder in which Cargo runs it.
fn dhat(program: &Path, arguments: &str) -> Said {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut command = timed(program, &format!("--dhat {arguments}"));
    run(command.current_dir(fixtures.join("heap")))
}

fn document(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

fn heap<'a>(document: &'a Value, name: &str) -> &'a Value {
    let id = format!("heap::{name}");
    let mut cases = document["cases"].as_array().expect("a list").iter();
    let case = cases.find(|case| case["id"] == id.as_str());
    &case.unwrap_or_else(|| panic!("no {id} in {document:#}"))["heap"]
}

fn number(heap: &Value, field: &str) -> u64 {
    heap[field]
        .as_u64()
        .unwrap_or_else(|| panic!("no {field} in {heap}"))
}

/// DHAT's file of a case.
fn file(name: &str) -> (PathBuf, Value) {
    let path = PathBuf::from(heap(&RECORDED, name)["file"].as_str().expect("a path"));
    let text = fs::read_to_string(&path).expect("a file");
    (path, serde_json::from_str(&text).expect("JSON"))
}

/// The sum of a figure over all stacks.
fn sum(dhat: &Value, figure: &str) -> u64 {
    let points = dhat["pps"].as_array().expect("a list").iter();
    points.map(|point| number(point, figure)).sum()
}

/// The texts of a stack's frames.
fn frames<'a>(dhat: &'a Value, point: &Value) -> Vec<&'a str> {
    let indices = point["fs"].as_array().expect("a list").iter();
    let text = |index: &Value| dhat["ftbl"][index.as_u64().expect("an index") as usize].as_str();
    indices.map(|index| text(index).expect("a text")).collect()
}

#[test]
fn totals_are_those_of_the_dhat_crate() {
    let peer = executable("build --release -q -p heap-peer --message-format json");
    for case in [
        "growing",
        "words",
        "shrinking",
        "consuming",
        "deep",
        "many_stacks",
        "nothing",
        "on_a_thread",
    ] {
        let heap = heap(&RECORDED, case);
        let calls = number(heap, "calls").to_string();
        let said = run(Command::new(&peer).args([case, &calls])).passed();
        let theirs: Vec<u64> = said
            .stdout
            .split_whitespace()
            .map(|figure| figure.parse().expect("a number"))
            .collect();
        let figures = [
            "blocks",
            "bytes",
            "max_blocks",
            "max_bytes",
            "end_blocks",
            "end_bytes",
        ];
        // When a thread ends is nobody's to say, and so what is there at a time.
        let figures = if case == "on_a_thread" {
            &figures[..2]
        } else {
            &figures
        };
        let ours: Vec<u64> = figures.iter().map(|figure| number(heap, figure)).collect();
        assert_eq!(ours, theirs[..figures.len()], "{case}: {heap}");
        // And so are those of the file.
        let (_, dhat) = file(case);
        let of_file = ["tbk", "tb", "gbk", "gb", "ebk", "eb"].map(|figure| sum(&dhat, figure));
        assert_eq!(of_file[..figures.len()], ours, "{case}");
    }
}

#[test]
fn the_viewer_opens_the_file_and_shows_the_totals() {
    const FOLDERS: [&str; 3] = [
        "/usr/libexec/valgrind",
        "/usr/lib/valgrind",
        "/usr/local/libexec/valgrind",
    ];
    let viewer = FOLDERS
        .iter()
        .map(Path::new)
        .find(|folder| folder.join("dh_view.html").exists())
        .expect("Valgrind is installed");
    let folder = folder("dhat-viewer");
    for name in ["dh_view.html", "dh_view.js", "dh_view.css"] {
        fs::copy(viewer.join(name), folder.join(name)).expect("a copy");
    }
    for case in ["words", "deep", "on_a_thread", "nothing"] {
        let (path, _) = file(case);
        let text = fs::read_to_string(path).expect("a file");
        let text = serde_json::to_string(&text).expect("a string of JavaScript");
        let script = format!(
            "if (document.readyState !== 'complete') {{
                 await new Promise((loaded) => addEventListener('load', loaded));
             }}
             const files = new DataTransfer();
             files.items.add(new File([{text}], 'case.json'));
             gInput.onchange = null;
             gInput.files = files.files;
             loadFile();
             for (let turn = 0; turn < 100 && !gRoot; turn += 1) {{
                 await new Promise((later) => setTimeout(later, 20));
             }}
             await new Promise((later) => setTimeout(later, 100));
             return {{
                 text: document.body.innerText,
                 errors: [...document.querySelectorAll('.error')].map((error) => error.textContent),
             }};"
        );
        let shown = Browser::default().show(&folder.join("dh_view.html"), 1_200, &script);
        assert_eq!(shown.console, [""; 0], "{case}");
        assert_eq!(shown.value["errors"], Value::Array(Vec::new()), "{case}");
        let text = shown.value["text"].as_str().expect("a text");
        let heap = heap(&RECORDED, case);
        let separated = |figure: &str| {
            let digits = number(heap, figure).to_string();
            let groups = digits.as_bytes().rchunks(3).rev();
            let groups: Vec<&str> = groups
                .map(|group| std::str::from_utf8(group).expect("digits"))
                .collect();
            groups.join(",")
        };
        let totals = [
            format!("{} bytes", separated("bytes")),
            format!("{} blocks", separated("blocks")),
            format!("heap::{case}"),
        ];
        for total in totals {
            assert!(text.contains(&total), "{case}: no {total} in\n{text}");
        }
    }
}

#[test]
fn stacks_are_the_programs_from_the_allocation_to_the_case() {
    let (_, dhat) = file("words");
    assert_eq!(dhat["dhatFileVersion"], 2);
    assert_eq!(dhat["cmd"], "heap::words");
    for point in dhat["pps"].as_array().expect("a list") {
        let frames = frames(&dhat, point);
        let text = frames.join("\n");
        assert!(text.contains("words (heap/src/lib.rs:"), "{text}");
        for foreign in ["harness", "__rust_alloc", "alloc::alloc::alloc"] {
            assert!(!text.contains(foreign), "{foreign} in\n{text}");
        }
    }
    // The frames of threads, to the first.
    let (_, dhat) = file("on_a_thread");
    let points = dhat["pps"].as_array().expect("a list").iter();
    let mut stacks = points.map(|point| frames(&dhat, point).join("\n"));
    let is_of_thread = |stack: &String| stack.contains("allocate") && stack.contains("thread");
    assert!(stacks.any(|stack| is_of_thread(&stack)), "{dhat:#}");
}

#[test]
fn a_deep_stack_is_cut_and_says_so() {
    let deep = heap(&RECORDED, "deep");
    let (_, dhat) = file("deep");
    let points = dhat["pps"].as_array().expect("a list");
    let is_cut = |point: &&Value| {
        let frames = frames(&dhat, point);
        frames.last() == Some(&"[further out: 96 frames are kept]")
    };
    let cut = points.iter().filter(is_cut);
    let cut: u64 = cut.map(|point| number(point, "tbk")).sum();
    assert_eq!(cut, number(deep, "cut_stacks"));
    assert!(
        number(deep, "cut_stacks") > number(deep, "calls") * 4_800,
        "{deep}"
    );
}

#[test]
fn blocks_have_their_lifetimes() {
    let lives_long = heap(&RECORDED, "lives_long");
    let sites = lives_long["sites"].as_array().expect("a list");
    let lifetimes = sites.iter().map(|site| {
        let of_a_call = number(site, "blocks") / number(lives_long, "calls");
        (
            of_a_call,
            site["mean_lifetime_ns"].as_f64().expect("a number"),
        )
    });
    let lifetimes: Vec<(u64, f64)> = lifetimes.collect();
    let [(100, short), (1, long)] = lifetimes[..] else {
        panic!("{lives_long}");
    };
    // It sleeps for three milliseconds, and what takes no time can take any.
    assert!(long >= 3e6 && short < long, "{lives_long}");
    let words = heap(&RECORDED, "words");
    assert_eq!(number(words, "end_blocks"), number(words, "calls") * 10);
}

#[test]
fn all_threads_of_a_case_are_recorded_and_nothing_of_the_harness() {
    let both = heap(&RECORDED, "side_by_side/threads=2");
    assert_eq!(number(both, "blocks"), number(both, "calls") * 2 * 4);
    let awaited = heap(&RECORDED, "awaited");
    assert_eq!(number(awaited, "blocks"), number(awaited, "calls") * 2);
}

#[test]
fn sites_have_their_lines_their_shares_and_what_to_write_instead() {
    let program = elsewhere("dhat-sites", &WITH_LINES);
    let said = dhat(&program, "growing shrinking").passed();
    // 9 and 3 a call.
    said.says("heap::growing: 1,000 calls allocated 15.6 MiB in 9,000 blocks\n")
        .says("at most 8,192 B in 1 block at a time; nothing is left at the end\n")
        .says("heap/src/lib.rs:14: it grew 8,000 times, 16,352,000 bytes in all: reserve before")
        .says("dhat-sites/hotbench/dhat/heap.growing.json\n")
        .says("dh_view.html")
        .never_says("95 % interval");
    let row = said.row("heap/src/lib.rs:14 growing");
    assert_eq!(row[1..5], ["15.6 MiB", "100.0 %", "9,000", "9"], "{said}");
    // In another order by blocks.
    let (bytes, blocks) = said.stdout.split_once("site, by blocks").expect("a table");
    let line = |text: &str| text.rfind("lib.rs:31 ").cmp(&text.rfind("lib.rs:28 "));
    assert_eq!(line(bytes), std::cmp::Ordering::Less, "{said}");
    assert!(blocks.contains("lib.rs:28 shrinking"), "{said}");
}

#[test]
fn without_debug_info_functions_have_their_names_and_without_symbols_addresses() {
    let program = elsewhere("dhat-names", &bench_executable("heap"));
    let said = dhat(&program, "words growing").passed();
    said.says("heap::words  ")
        .says("write `debug = \"line-tables-only\"` under `[profile.bench]`");
    run(Command::new("strip").arg(&program)).passed();
    let said = dhat(&program, "words growing").passed();
    said.says("heap::growing: 1,000 calls allocated 15.6 MiB in 9,000 blocks")
        .says("note: functions have no names, for the program is stripped")
        .says("\n  0x");
}

#[test]
fn what_goes_wrong_has_a_line() {
    let said = cargo(&format!(
        "bench -q -p unwrapped-allocator {UNOPTIMISED} -- --dhat"
    ));
    said.says("note: nothing is recorded: the program's allocator is not `hotbench::Alloc`.");
    // Optimisation changes what is allocated.
    let said = cargo("test -q -p heap --bench hot -- --dhat").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("--allow-debug");
    for other in ["--list", "--test", "--check"] {
        let said = cargo(&format!("bench -q -p heap -- --dhat {other}")).failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says("cannot be used with");
    }
}

#[test]
fn a_file_that_cannot_be_written_hides_no_sites_and_fails_no_case() {
    // A file where the folder would be, which stops root, too.
    let program = elsewhere("dhat-unwritable", &WITH_LINES);
    let files = program.with_file_name("hotbench");
    fs::create_dir_all(&files).expect("a folder");
    fs::write(files.join("dhat"), "").expect("a file");
    let said = dhat(&program, "growing").passed();
    said.says("heap::growing: 1,000 calls allocated 15.6 MiB in 9,000 blocks")
        .says("heap/src/lib.rs:14: it grew 8,000 times")
        .says("heap.growing.json could not be written: ")
        .never_says("FAILED")
        // There is no file to open.
        .never_says("dh_view.html");
    let document = document(&dhat(&program, "growing --format json").passed());
    let heap = heap(&document, "growing");
    assert_eq!(heap["file"], Value::Null);
    let why = heap["not_written"].as_str().expect("a reason");
    assert!(why.contains("could not be written: "), "{why}");
}

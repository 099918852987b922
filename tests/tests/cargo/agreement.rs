//! A case's allocations are those of all threads of its process, whoever shows them or holds them to something.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, PoisonError, RwLock};

use serde_json::Value;

use crate::support::{Said, command, folder, profiles, run};

const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[lib]
bench = false

[[bench]]
name = "hot"
harness = false
test = true

[dependencies]
hotbench = { path = RUNTIME }
rayon = "1"
tokio = { version = "1", default-features = false, features = ["rt-multi-thread"] }

[dev-dependencies]
hotbench = { path = RUNTIME, features = ["harness"] }

[workspace]
"#;

const SOURCE: &str = r##"//! The same allocations on one thread, and on others in the ways that there are.

use std::hint::black_box;

use hotbench::bench_case;

/// What each case allocates, besides what its threads take.
const BLOCKS: usize = 8;

#[inline(never)]
fn allocate() {
    for _ in 0..BLOCKS {
        black_box(vec![1_u8; 4096]);
    }
}

#[bench_case]
pub fn one_thread() {
    allocate();
}

#[bench_case]
#[bench_case("bytes", max_bytes = 4096)]
#[bench_case("allocs", max_allocs = 100)]
#[bench_case("none", no_alloc)]
pub fn scoped() {
    std::thread::scope(|scope| {
        scope.spawn(allocate);
        allocate();
    });
}

#[bench_case("none", no_alloc)]
#[bench_case("free")]
pub fn pooled(bencher: &mut hotbench::Bencher) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.broadcast(|_| ());
    bencher.iter(|| pool.install(allocate));
}

#[bench_case]
pub fn on_workers(bencher: &mut hotbench::Bencher) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    // The workers allocate when they start.
    std::thread::sleep(std::time::Duration::from_millis(50));
    bencher.iter(|| runtime.block_on(async { tokio::spawn(async { allocate() }).await.unwrap() }));
}

#[bench_case]
pub fn detached() {
    std::thread::spawn(allocate);
}

#[bench_case(threads(2))]
pub fn side_by_side() {
    std::thread::scope(|scope| {
        scope.spawn(allocate);
    });
}

/// Not each call has the same.
#[bench_case]
pub fn uneven() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    if CALLS.fetch_add(1, Ordering::Relaxed) % 3 == 0 {
        std::thread::scope(|scope| {
            scope.spawn(allocate);
        });
    }
}
"##;

/// The cases that pass, with the blocks of a call: eight for each thread that works, and what starts the thread.
const CASES: [(&str, u64); 7] = [
    ("one_thread", 8),
    ("scoped", 16),
    ("scoped/allocs", 16),
    ("pooled/free", 8),
    ("on_workers", 8),
    ("detached", 8),
    ("side_by_side/threads=2", 8),
];

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = root();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runtime = fixtures.join("../runtime");
    let manifest = MANIFEST.replace("RUNTIME", &format!("{runtime:?}")) + profiles();
    let write = |file: &str, text: &str| {
        let path = root.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    };
    write("Cargo.toml", &manifest);
    write("src/lib.rs", SOURCE);
    write("benches/hot.rs", "hotbench::harness!(app);\n");
    // What the other fixtures have is there already.
    let lock = fixtures.join("fixtures/Cargo.lock");
    fs::copy(lock, root.join("Cargo.lock")).expect("a copy");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args("bench -q --profile dev --bench hot --no-run --message-format json".split(' '));
    let said = run(command(&mut cargo, ".", &[]).current_dir(&root)).passed();
    let mut executables = said.stdout.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).expect("JSON");
        message["executable"].as_str().map(PathBuf::from)
    });
    executables.next_back().expect("a program")
});

fn root() -> PathBuf {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| folder("agreement"));
    ROOT.clone()
}

/// There is one ratchet's file, which all runs read.
static FILE: RwLock<()> = RwLock::new(());

/// The program, in a build without optimisation: what is allocated is no matter of time.
fn bench(arguments: &str) -> Said {
    let _unblessed = FILE.read().unwrap_or_else(PoisonError::into_inner);
    bench_with_file(arguments)
}

fn bench_with_file(arguments: &str) -> Said {
    let mut command = Command::new(&*PROGRAM);
    let arguments = format!("--bench --allow-debug {arguments}");
    command.args(arguments.split(' ')).current_dir(root());
    run(command.env("RUST_BACKTRACE", "0"))
}

fn document(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

fn case<'a>(document: &'a Value, name: &str) -> &'a Value {
    let id = format!("app::{name}");
    let mut cases = document["cases"].as_array().expect("a list").iter();
    let case = cases.find(|case| case["id"] == id.as_str());
    case.unwrap_or_else(|| panic!("no {id} in {document:#}"))
}

fn figure(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn table_heap_and_comparison_agree_on_what_other_threads_allocate() {
    let recorded = document(&bench("--dhat --format json --skip bytes --skip none").passed());
    let table = bench("--check").failed();
    let compared = document(&bench("--compare self --format json detached side_by_side").passed());
    for (name, blocks) in CASES {
        let case = case(&recorded, name);
        let allocs = figure(&case["allocations"]["allocs"]);
        assert!(allocs >= blocks as f64, "{case:#}");
        let threads = if name.ends_with("threads=2") {
            2.0
        } else {
            1.0
        };
        let heap = &case["heap"];
        let of_heap = figure(&heap["blocks"]) / figure(&heap["calls"]) / threads;
        // Queues grow now and then.
        assert_eq!(of_heap.round(), allocs.round(), "{case:#}");
        let bytes = figure(&heap["bytes"]) / figure(&heap["calls"]) / threads;
        let difference = bytes / figure(&case["allocations"]["bytes"]) - 1.0;
        assert!(difference.abs() < 0.01, "{case:#}");
        assert_eq!(table.row(name)[1], allocs.to_string(), "{table}");
    }
    for name in ["detached", "side_by_side/threads=2"] {
        let case = case(&compared, name);
        let versus = &case["vs_revision"]["allocs"];
        let counted = figure(&case["allocations"]["allocs"]);
        assert_eq!([&versus["old"], &versus["new"]].map(figure), [counted; 2]);
    }
}

#[test]
fn a_budget_covers_all_threads_and_its_report_names_the_place() {
    let said = bench("--check").failed();
    said.says("one call of `app::scoped/bytes` allocated 20 times, 65,")
        .says("one call of `app::scoped/none` allocated 20 times, 65,")
        .says("one call of `app::pooled/none` allocated 8 times, 32,768 bytes")
        .says("black_box(vec![1_u8; 4096]);\n")
        .says("8 allocs, 32,768 bytes in all");
    assert_eq!(said.row("scoped/allocs")[3], "≤ 100", "{said}");
    // And as a test, in which one process has all cases.
    let _unblessed = FILE.read().unwrap_or_else(PoisonError::into_inner);
    let said = run(Command::new(&*PROGRAM).current_dir(root())).failed();
    said.says("3 failed; 0 ignored")
        .says("one call of `app::pooled/none` allocated 8 times, 32,768 bytes");
}

#[test]
fn what_is_blessed_on_other_threads_is_held() {
    let _alone = FILE.write().unwrap_or_else(PoisonError::into_inner);
    let cases = "detached scoped/allocs pooled/free side_by_side uneven";
    let check = || bench_with_file(&format!("--check --format json {cases}"));
    let found = document(&check().passed());
    let blessed = |less: f64| {
        let cases = found["cases"].as_array().expect("a list").iter();
        let section = |case: &Value| {
            let allocs = figure(&case["allocations"]["allocs"]) - less;
            format!("[hot.{}]\nallocs = {allocs}\n", case["id"])
        };
        cases.map(section).collect::<String>()
    };
    let file = root().join("benches/hotbench.toml");
    fs::write(&file, blessed(0.0)).expect("it can be written");
    check().passed();
    fs::write(&file, blessed(1.0)).expect("it can be written");
    let less = document(&check().failed());
    fs::remove_file(&file).expect("it is there");
    for name in [
        "detached",
        "scoped/allocs",
        "pooled/free",
        "side_by_side/threads=2",
    ] {
        let failure = &case(&less, name)["failure"]["message"];
        let message = failure.as_str().unwrap_or_else(|| panic!("{less:#}"));
        assert!(
            message.contains("takes more than was blessed: allocs"),
            "{message}"
        );
    }
    // Its calls vary, and what was blessed is among them.
    assert_eq!(case(&less, "uneven")["failure"], Value::Null);
}

#[test]
fn calls_that_other_threads_make_differ_say_so() {
    let said = bench("--check uneven").passed();
    assert_eq!(said.row("uneven")[1..3], ["0 to 12", "0 B to 32.1 KiB"]);
    said.says("vary from call to call, so the table shows the fewest and the most: `app::uneven`");
    let document = document(&bench("--check --format json uneven one_thread").passed());
    let varies = &case(&document, "uneven")["allocations"]["varies"];
    assert_eq!(varies["allocs"], serde_json::json!([0.0, 12.0]));
    assert_eq!(
        case(&document, "one_thread")["allocations"]["varies"],
        Value::Null
    );
}

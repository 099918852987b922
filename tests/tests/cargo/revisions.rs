//! A git repository with two versions of a package, for tests that compare them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::support::{Said, command, copy_program, folder, run, target};

/// Comparisons take turns, as those of a user have to.
static ALONE: Mutex<()> = Mutex::new(());

/// A repository whose workspace is in a folder of it, and in which an older commit, `base`, has the package
/// elsewhere. What is newer than that is not committed.
pub(crate) struct Repository {
    pub(crate) root: PathBuf,
    /// The bench executable of `base`, as one may keep it.
    pub(crate) kept: PathBuf,
}

pub(crate) const CONFIG: &str = r#"[build]
rustflags = ["--cfg", "from_config"]

[alias]
hb = ["bench", "-q", "-p", "app", "--bench", "hot", "--features", "extra"]
"#;

const BENCH: &str = "[[bench]]\nname = \"hot\"\nharness = false\n";

fn manifest(bench: &str) -> String {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    format!(
        r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[features]
extra = []

[lib]
bench = false

{bench}
[dependencies]
hotbench = {{ path = {runtime:?} }}

[dev-dependencies]
hotbench = {{ path = {runtime:?}, features = ["harness"] }}

[lints.rust]
unexpected_cfgs = {{ level = "warn", check-cfg = ["cfg(from_config)"] }}
"#
    )
}

/// The dependencies are quicker to build so, and none of them is measured.
pub(crate) const PROFILE: &str = r#"
[profile.release]
debug = "line-tables-only"

[profile.release.package."*"]
opt-level = 0
debug = false
"#;

fn workspace(member: &str) -> String {
    format!("[workspace]\nresolver = \"2\"\nmembers = [\"{member}\"]\n{PROFILE}")
}

/// What both versions have.
const COMMON: &str = r#"//! Cases of two versions.

use std::hint::black_box;

use hotbench::bench_case;

#[cfg(not(from_config))]
compile_error!("the flags of the configuration are lost");
#[cfg(not(feature = "extra"))]
compile_error!("the features of the command line are lost");

// In registers: how quick a loop through memory is depends on where it lies, by a half.
fn turns(number: u64) -> u64 {
    (0..black_box(number)).fold(1, |x, n| x.wrapping_mul(31) ^ n)
}

#[bench_case]
fn same() -> u64 {
    turns(1_000)
}

/// Once or twice, as the keys of this process have it.
#[bench_case]
fn varies() {
    use std::hash::{BuildHasher, RandomState};

    use std::sync::OnceLock;
    static SEED: OnceLock<u64> = OnceLock::new();
    let seed = SEED.get_or_init(|| RandomState::new().hash_one(0));
    for _ in 0..=seed % 1_000 {
        black_box(vec![1_u8; 16]);
    }
}

/// Says so to the test, and never ends.
#[allow(dead_code)]
fn wait() {
    let port = std::env::var("PORT_OF_THE_TEST").expect("the test's port");
    let _stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).expect("a test");
    loop {
        std::thread::park();
    }
}

"#;

const OLD: &str = r#"#[bench_case]
fn slower() -> u64 {
    turns(1_000)
}

#[bench_case]
fn parallel() -> u64 {
    std::thread::scope(|scope| {
        let half = scope.spawn(|| turns(20_000_000));
        half.join().expect("it does not panic") ^ turns(20_000_000)
    })
}

#[bench_case]
fn allocates() -> Vec<u8> {
    black_box(Vec::with_capacity(16))
}

#[bench_case]
fn parse_header() {}

#[bench_case]
fn gone() {}

#[bench_case]
fn aborts_before() {
    std::process::abort();
}

#[bench_case]
fn aborts_now() {}

#[bench_case(ignore)]
fn waits() {
    wait();
}
"#;

const NEW: &str = r#"#[bench_case]
fn slower() -> u64 {
    turns(1_300)
}

#[bench_case]
fn parallel() -> u64 {
    std::thread::scope(|scope| {
        let half = scope.spawn(|| turns(20_000_000));
        turns(20_000_000) ^ half.join().expect("it does not panic")
    })
}

#[bench_case]
fn allocates() -> Vec<u8> {
    drop(black_box(Vec::<u8>::with_capacity(16)));
    black_box(Vec::with_capacity(16))
}

#[bench_case]
fn parse_headers() {}

#[bench_case]
fn brand_new() {}

#[bench_case]
fn aborts_before() {}

#[bench_case]
fn aborts_now() {
    std::process::abort();
}

#[bench_case(ignore)]
fn waits() {}
"#;

/// A build that never ends.
const WAITS: &str = r#"fn main() {
    let port = std::env::var("PORT_OF_THE_TEST").expect("the test's port");
    let _stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).expect("a test");
    loop {
        std::thread::park();
    }
}
"#;

/// The source that the tree has.
pub(crate) fn newer() -> String {
    format!("{COMMON}{NEW}")
}

impl Repository {
    /// One for all tests, which is theirs alone as long as they hold it.
    pub(crate) fn alone() -> (&'static Self, MutexGuard<'static, ()>) {
        static REPOSITORY: OnceLock<Repository> = OnceLock::new();
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        (REPOSITORY.get_or_init(Self::new), alone)
    }

    fn new() -> Self {
        let home = folder("compare");
        // As if there had been no comparison before.
        let _ = fs::remove_file(built().join("hotbench/compare/order"));
        let repository = Self {
            root: home.join("repository"),
            kept: home.join("kept"),
        };
        repository.write("ws/Cargo.toml", &workspace("former/app"));
        repository.write("ws/.cargo/config.toml", CONFIG);
        repository.write("ws/former/app/src/lib.rs", COMMON);
        repository.write("ws/former/app/Cargo.toml", &manifest(""));
        // What the other fixtures have is there already.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/Cargo.lock");
        fs::copy(lock, repository.root.join("ws/Cargo.lock")).expect("a copy");
        repository.cargo("metadata --format-version 1").passed();
        repository.git("init --quiet --initial-branch=main");
        repository.commit("no-bench");
        repository.write("ws/former/app/Cargo.toml", &manifest(BENCH));
        let bench = "//! The cases of the library.\n\nhotbench::harness!(app);\n";
        repository.write("ws/former/app/benches/hot.rs", bench);
        repository.write("ws/former/app/src/lib.rs", "fn broken() -> u8 { wrong }\n");
        repository.commit("broken");
        repository.write("ws/former/app/src/lib.rs", COMMON);
        repository.write("ws/former/app/build.rs", WAITS);
        repository.commit("endless");
        fs::remove_file(repository.root.join("ws/former/app/build.rs")).expect("it is there");
        repository.write("ws/former/app/src/lib.rs", &format!("{COMMON}{OLD}"));
        repository.commit("base");
        copy_program(&repository.executable(), &repository.kept);
        let saved = repository.bench("--save before").passed();
        saved.says("as `before`: ").says("-- --compare before\n");
        // What both versions depend on is the same, and is built with the same flags: it is built once.
        let [new, old] = ["new", "old"].map(|name| built().join("hotbench/compare").join(name));
        if !old.exists() {
            run(Command::new("cp").arg("-a").args([new, old])).passed();
        }
        repository.git("mv ws/former/app ws/app");
        repository.write("ws/Cargo.toml", &workspace("app"));
        repository.commit("moved");
        repository.write("ws/app/src/lib.rs", &newer());
        repository
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    pub(crate) fn git(&self, arguments: &str) -> String {
        let config = [
            "user.name=test",
            "user.email=test@test",
            "commit.gpgsign=false",
        ];
        let mut git = Command::new("git");
        git.current_dir(&self.root);
        for value in config {
            git.args(["-c", value]);
        }
        run(git.args(arguments.split(' '))).passed().stdout
    }

    pub(crate) fn commit(&self, name: &str) {
        self.git("add --all");
        self.git(&format!("commit --quiet --message={name}"));
        self.git(&format!("tag {name}"));
    }

    /// What a comparison must leave as it is: the tree, and all files of the repository's own folder.
    pub(crate) fn state(&self) -> String {
        let tree = self.git("--no-optional-locks status --porcelain")
            + &self.git("--no-optional-locks diff");
        let mut checksums = Command::new("sh");
        checksums
            .args(["-c", "find .git -type f | sort | xargs cksum"])
            .current_dir(&self.root);
        tree + &run(&mut checksums).passed().stdout
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        command(cargo.args(arguments.split(' ')), ".", &[])
            .env("CARGO_TARGET_DIR", built())
            .current_dir(self.root.join("ws"));
        cargo
    }

    pub(crate) fn cargo(&self, arguments: &str) -> Said {
        run(&mut self.command(arguments))
    }

    pub(crate) fn bench(&self, arguments: &str) -> Said {
        self.cargo(&format!("bench -q -p app --features extra -- {arguments}"))
    }

    /// The bench executable of the tree as it is.
    pub(crate) fn executable(&self) -> PathBuf {
        let build = "bench -q -p app --features extra --bench hot --no-run --message-format json";
        let said = self.cargo(build).passed();
        let messages = said.stdout.lines().map(|line| {
            let message: Value = serde_json::from_str(line).expect("JSON");
            message["executable"].as_str().map(PathBuf::from)
        });
        messages.flatten().last().expect("a program")
    }
}

/// Where Cargo builds the tree that is checked out.
pub(crate) fn built() -> PathBuf {
    target().with_file_name("compared")
}

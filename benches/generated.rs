//! Packages whose source is generated, and the real cargo on them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A package in a workspace of its own.
#[derive(Debug)]
pub struct Package {
    directory: PathBuf,
    target: PathBuf,
}

impl Package {
    /// Writes its manifest, under Cargo's directory for temporary files (`CARGO_TARGET_TMPDIR`):
    /// what follows the package's name, `HOTBENCH` standing for the path of hotbench.
    pub fn new(temporary: &str, name: &str, manifest: &str) -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it");
        let temporary = Path::new(temporary);
        let package = Self {
            directory: temporary.join("generated").join(name),
            // Shared with the tests' fixtures, so that what both depend on is built once.
            target: temporary.join("fixtures"),
        };
        let lock = repository.join("tests/fixtures/Cargo.lock");
        let hotbench = repository.join("runtime").display().to_string();
        package.write(
            "Cargo.toml",
            &format!(
                "[workspace]\n\n[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n\
                 edition = \"2024\"\n\n[lib]\nbench = false\n\n[profile.release]\ndebug = false\n\n{}",
                manifest.replace("HOTBENCH", &hotbench)
            ),
        );
        std::fs::copy(lock, package.directory.join("Cargo.lock")).expect("a lock file");
        package
    }

    /// The same, built in a target directory that it shares with none.
    #[must_use]
    pub fn with_target_of_its_own(mut self) -> Self {
        self.target = self.directory.join("target");
        self
    }

    /// Has the next build begin with nothing.
    ///
    /// # Panics
    ///
    /// If the target directory is shared, or can't be removed.
    pub fn empty_target(&self) {
        assert!(self.target.starts_with(&self.directory), "shared");
        if self.target.exists() {
            std::fs::remove_dir_all(&self.target).expect("a folder");
        }
    }

    /// Where a file of it is.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// Writes a file, anew even if it is the same, so that Cargo builds what depends on it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.directory.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Runs cargo, with arguments that are split at spaces.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn cargo(&self, arguments: &str) -> (Duration, Output) {
        timed(
            Command::new(env!("CARGO"))
                .args(arguments.split(' '))
                .current_dir(&self.directory)
                .env("CARGO_TARGET_DIR", &self.target)
                .env("CARGO_TERM_COLOR", "never")
                // As the tests have it; what is timed is a check or a release build.
                .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
                // What is compiled is to be compiled as a whole.
                .env("CARGO_INCREMENTAL", "0")
                .env_remove("RUSTFLAGS")
                .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        )
    }

    /// Builds the bench target `name`, and says where its executable is.
    pub fn executable(&self, arguments: &str, name: &str) -> PathBuf {
        let (_, output) = self.cargo(arguments);
        let said = String::from_utf8(output.stderr).expect("text");
        let prefix = format!("Executable benches/{name}.rs (");
        let (_, rest) = said.split_once(&prefix).expect("an executable");
        self.directory
            .join(rest.split(')').next().expect("its path"))
    }
}

/// Runs a command to its end, what it prints included.
///
/// # Panics
///
/// If it fails.
pub fn timed(command: &mut Command) -> (Duration, Output) {
    let start = Instant::now();
    let output = command.output().expect("the command can be started");
    let elapsed = start.elapsed();
    assert!(output.status.success(), "{command:?}: {output:?}");
    (elapsed, output)
}

/// How a function of the generated code comes by its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Annotated {
    /// Not at all.
    No,
    /// `#[bench_case(args(…))]`.
    BenchCase,
    /// `#[no_alloc]`.
    NoAlloc,
}

/// The forms that the functions take in turn: signature and body, the arguments of a case, and what
/// is written by hand for Criterion, and for Divan.
const FORMS: [[&str; 4]; 4] = [
    [
        "(n: u64) -> u64 { n.wrapping_mul(NUMBER) }",
        "7",
        "b.iter(|| PATH(black_box(7)))",
        "b.bench(|| PATH(black_box(7)))",
    ],
    [
        "(text: &str) -> usize { text.len() + NUMBER }",
        "\"the quick brown fox\"",
        "b.iter(|| PATH(black_box(\"the quick brown fox\")))",
        "b.bench(|| PATH(black_box(\"the quick brown fox\")))",
    ],
    [
        "(numbers: &[u64]) -> Vec<u64> { numbers.iter().map(|n| n + NUMBER).collect() }",
        "&[1, 2, 3]",
        "b.iter_batched(|| (), |()| PATH(black_box(&[1, 2, 3])), BatchSize::SmallInput)",
        "b.bench(|| PATH(black_box(&[1, 2, 3])))",
    ],
    [
        "(mut text: String) -> String { text.truncate(NUMBER); text }",
        "\"the quick brown fox\".to_owned()",
        "b.iter_batched(|| \"the quick brown fox\".to_owned(), |text| PATH(black_box(text)), \
         BatchSize::SmallInput)",
        "b.with_inputs(|| \"the quick brown fox\".to_owned()).bench_values(|text| PATH(black_box(text)))",
    ],
];

/// Functions in a module.
const MODULE: usize = 100;

/// The source of a library of so many functions.
pub fn functions(count: usize, annotated: Annotated) -> String {
    let mut source = String::new();
    for number in 0..count {
        if number % MODULE == 0 {
            let _ = writeln!(source, "pub mod part_{} {{", number / MODULE);
        }
        let [function, arguments, _, _] = FORMS[number % FORMS.len()];
        match annotated {
            Annotated::No => {}
            Annotated::BenchCase => {
                let _ = writeln!(source, "#[hotbench::bench_case(args({arguments}))]");
            }
            Annotated::NoAlloc => source.push_str("#[hotbench::no_alloc]\n"),
        }
        let function = function.replace("NUMBER", &number.to_string());
        let _ = writeln!(source, "pub fn f{number}{function}");
        if number % MODULE == MODULE - 1 || number == count - 1 {
            source.push_str("}\n");
        }
    }
    source
}

/// The source of a bench target that has Criterion measure the same functions of `library`.
pub fn written_by_hand(count: usize, library: &str) -> String {
    let mut source = "use std::hint::black_box;\n\
                      use criterion::{BatchSize, Criterion, criterion_group, criterion_main};\n"
        .to_owned();
    let mut groups = Vec::new();
    for number in 0..count {
        let part = number / MODULE;
        if number % MODULE == 0 {
            let _ = writeln!(source, "fn benches_{part}(c: &mut Criterion) {{");
            groups.push(format!("benches_{part}"));
        }
        let path = format!("{library}::part_{part}::f{number}");
        let routine = FORMS[number % FORMS.len()][2].replace("PATH", &path);
        let _ = writeln!(source, "c.bench_function(\"f{number}\", |b| {routine});");
        if number % MODULE == MODULE - 1 || number == count - 1 {
            source.push_str("}\n");
        }
    }
    let _ = writeln!(source, "criterion_group!(benches, {});", groups.join(", "));
    source.push_str("criterion_main!(benches);\n");
    source
}

/// The same for Divan.
pub fn written_for_divan(count: usize, library: &str) -> String {
    let mut source = "use divan::{Bencher, black_box};\nfn main() { divan::main(); }\n".to_owned();
    for number in 0..count {
        let path = format!("{library}::part_{}::f{number}", number / MODULE);
        let routine = FORMS[number % FORMS.len()][3].replace("PATH", &path);
        let _ = writeln!(
            source,
            "#[divan::bench]\nfn f{number}(b: Bencher<'_, '_>) {{ {routine}; }}"
        );
    }
    source
}

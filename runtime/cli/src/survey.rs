//! What a package lacks; pure. `init` mends all of it, `doctor` says it.

use std::path::{Component, Path, PathBuf};

use toml_edit::{Item, Value};

use super::error::CliError;
use super::files::Files;
use super::lack::{Lack, OwnAllocator};
use super::manifest::{Manifest, Section};
use super::project::{Kind, Package, Target, Workspace};
use super::sources::Source;
use hotbench_project::uses::{self, Reason, Root, RootKind};

/// What has the harness on.
const HARNESS: [&str; 5] = ["harness", "tokio", "html", "flamegraph", "full"];
/// What has the guard on, and no harness.
const GUARD: [&str; 3] = ["guard", "guard-release", "profile"];

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of an adoption.
    Adoption,
    /// What goes with how hotbench is used so far: who only guards needs no bench target.
    AsUsed,
}

/// A bench target of hotbench's.
#[derive(Debug, PartialEq, Eq)]
enum Bench {
    /// By `harness!`, of these crates.
    Names(Vec<String>),
    /// It is the program itself, whose source this is.
    Program(PathBuf),
}

/// What a package lacks, in the order in which it is mended.
pub(super) fn survey(
    workspace: &Workspace,
    package: &Package,
    files: &dyn Files,
    wanted: Wanted,
) -> Result<Vec<Lack>, CliError> {
    if package.hotbench().next().is_none() && wanted == Wanted::AsUsed {
        return Ok(vec![Lack::Unused]);
    }
    let root = manifest(&workspace.manifest(), files)?;
    let own = manifest(&package.manifest, files)?;
    let sources = sources(package, files);
    let benches = benches(package, files);
    let measures = wanted == Wanted::Adoption
        || !benches.is_empty()
        || !has(package, &GUARD)
        || sources.iter().any(|(_, source)| source.has_cases());

    let mut lacks = Vec::new();
    if root.resolver() < 2 {
        lacks.push(Lack::Resolver);
    }
    if measures {
        lacks.extend(libtest(package, &own));
    }
    lacks.extend(dependencies(package, measures));
    // By their lines, which what is written over a `main` moves.
    lacks.extend(allocators(package, &sources));
    if package.hotbench().next().is_some() && !reports(workspace, files) {
        lacks.push(Lack::Unreported);
    }
    if measures {
        lacks.extend(bench_targets(
            workspace, package, files, wanted, &own, &benches,
        ));
        lacks.extend(not_run(package, files, wanted, &benches));
        lacks.extend(profile(&root));
    }
    Ok(lacks)
}

/// The bench targets of hotbench's.
pub(super) fn bench_names(package: &Package, files: &dyn Files) -> Vec<String> {
    let benches = benches(package, files).into_iter();
    benches.map(|(target, _)| target.name.clone()).collect()
}

pub(super) fn manifest(path: &Path, files: &dyn Files) -> Result<Manifest, CliError> {
    let text = files.text(path);
    let text = text.ok_or_else(|| CliError::Unreadable(path.to_owned()))?;
    Manifest::parse(path, &text)
}

/// Whether tests have one of these features.
fn has(package: &Package, features: &[&str]) -> bool {
    let mut of_tests = package.hotbench().filter(|one| one.of_tests);
    of_tests.any(|one| {
        let mut on = one.features.iter();
        on.any(|feature| features.contains(&feature.as_str()))
    })
}

fn libtest(package: &Package, own: &Manifest) -> Vec<Lack> {
    let targets = package.targets.iter().filter_map(|target| {
        let section = match target.kind {
            Kind::Lib | Kind::Foreign | Kind::ProcMacro => Section::Lib,
            Kind::Bin => Section::Bin(&target.name),
            Kind::Bench | Kind::Other => return None,
        };
        let is_off = own.flag(section, "bench") == Some(false);
        (!is_off).then(|| Lack::Libtest(target.clone()))
    });
    targets.collect()
}

fn dependencies(package: &Package, measures: bool) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let mut shipped = package.hotbench().filter(|one| !one.of_tests).peekable();
    if measures && shipped.peek().is_none() {
        lacks.push(Lack::Dependency);
    }
    let ships = shipped.flat_map(|one| &one.features);
    let ships = ships.filter(|feature| HARNESS.contains(&feature.as_str()));
    let ships: Vec<Lack> = ships.map(|feature| Lack::Ships(feature.clone())).collect();
    if !ships.is_empty() {
        // Until it is moved, it is on in tests, too.
        lacks.extend(ships);
    } else if !package.hotbench().any(|one| one.of_tests) {
        lacks.push(Lack::DevDependency);
    } else if measures && !has(package, &HARNESS) {
        lacks.push(Lack::Feature("harness"));
    }
    let uses_tokio = package
        .dependencies
        .iter()
        .any(|one| one.package == "tokio");
    if measures && uses_tokio && !has(package, &["tokio", "full"]) {
        lacks.push(Lack::Feature("tokio"));
    }
    lacks
}

fn benches<'a>(package: &'a Package, files: &dyn Files) -> Vec<(&'a Target, Bench)> {
    let targets = package.of(Kind::Bench);
    let ours = targets.filter_map(|target| Some((target, bench(package, target, files)?)));
    ours.collect()
}

fn bench(package: &Package, target: &Target, files: &dyn Files) -> Option<Bench> {
    let is_program = |path: &Path| package.of(Kind::Bin).any(|bin| bin.path == path);
    if is_program(&target.path) {
        return Some(Bench::Program(target.path.clone()));
    }
    let text = files.text(&target.path)?;
    // A link has the text of what it leads to.
    let mut programs = package.of(Kind::Bin);
    if let Some(bin) = programs.find(|bin| files.text(&bin.path).as_ref() == Some(&text)) {
        return Some(Bench::Program(bin.path.clone()));
    }
    let source = Source::parse(&text, package.key())?;
    if let Some(harness) = source.harness() {
        return Some(Bench::Names(harness.crates));
    }
    let folder = target.path.parent()?;
    let mut included = source
        .includes()
        .into_iter()
        .map(|path| plain(&folder.join(path)));
    let program = included.find(|path| is_program(path));
    program
        .or_else(|| {
            let marked = source.main().is_some_and(|main| main.marked);
            marked.then(|| target.path.clone())
        })
        .map(Bench::Program)
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

fn bench_targets(
    workspace: &Workspace,
    package: &Package,
    files: &dyn Files,
    wanted: Wanted,
    own: &Manifest,
    found: &[(&Target, Bench)],
) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let lib = package.lib().map(|lib| lib.name.as_str());
    let names = |bench: &Bench, lib: &str| matches!(bench, Bench::Names(crates) if crates.iter().any(|krate| krate == lib));
    if found.is_empty() {
        let mut others = workspace
            .members
            .iter()
            .flat_map(|other| benches(other, files));
        let is_measured = lib.is_some_and(|lib| others.any(|(_, bench)| names(&bench, lib)));
        if wanted == Wanted::Adoption || !is_measured {
            lacks.push(Lack::BenchTarget);
        }
    }
    for (target, bench) in found {
        for (flag, to) in [("harness", false), ("test", true)] {
            if own.flag(Section::Bench(&target.name), flag) != Some(to) {
                lacks.push(Lack::Flag {
                    bench: target.name.clone(),
                    flag,
                    to,
                });
            }
        }
        if let Bench::Program(path) = bench {
            let source = files.text(path);
            let source = source.and_then(|text| Source::parse(&text, package.key()));
            let main = source.and_then(|source| source.main());
            if main.is_some_and(|main| !main.marked) {
                lacks.push(Lack::Unmarked(path.clone()));
            }
        }
    }
    let is_program = |bench: &Bench| matches!(bench, Bench::Program(_));
    if let (Some(lib), Some((first, _))) = (lib, found.first())
        && !found
            .iter()
            .any(|(_, bench)| names(bench, lib) || is_program(bench))
    {
        lacks.push(Lack::Unnamed {
            file: first.path.clone(),
            lib: lib.to_owned(),
        });
    }
    lacks
}

/// The cases that are written, and that no bench target of the package contains.
fn not_run(
    package: &Package,
    files: &dyn Files,
    wanted: Wanted,
    benches: &[(&Target, Bench)],
) -> Vec<Lack> {
    if wanted == Wanted::Adoption || benches.is_empty() {
        return Vec::new();
    }
    let root = |target: &Target| {
        let of_bench = benches.iter().find(|(bench, _)| *bench == target);
        let (kind, path) = match (target.kind, of_bench) {
            // A link has the text of what it leads to.
            (_, Some((_, Bench::Program(path)))) => (RootKind::Bench, path),
            (Kind::Bench, _) => (RootKind::Bench, &target.path),
            (Kind::Bin, _) => (RootKind::Program, &target.path),
            (Kind::Lib | Kind::Foreign | Kind::ProcMacro, _) => (RootKind::Library, &target.path),
            (Kind::Other, _) => {
                let is_example = target.path.starts_with(package.folder().join("examples"));
                let kind = match is_example {
                    true => RootKind::Example,
                    false => RootKind::Test,
                };
                (kind, &target.path)
            }
        };
        Root {
            kind,
            name: target.name.clone(),
            path: path.clone(),
        }
    };
    let roots: Vec<Root> = package.targets.iter().map(root).collect();
    let sources = files.sources(&package.folder().join("src")).into_iter();
    let sources: Vec<PathBuf> = sources
        .filter(|path| files.text(path).is_some_and(|text| uses::may_use(&text)))
        .collect();
    // That no `harness!` names the library is found besides.
    let found = uses::unrun(
        &roots,
        &sources,
        &|path| files.text(path),
        &|_| false,
        &|_| true,
    );
    let found = found
        .into_iter()
        .filter(|one| one.reason != Reason::Condition);
    found.map(Lack::NotRun).collect()
}

/// The sources of the library and of the programs, and the roots of the other targets.
fn sources(package: &Package, files: &dyn Files) -> Vec<(PathBuf, Source)> {
    let mut paths = Vec::new();
    for target in &package.targets {
        match (target.kind, target.path.parent()) {
            (Kind::Bench | Kind::Other, _) | (_, None) => paths.push(target.path.clone()),
            (_, Some(folder)) => paths.extend(files.sources(folder)),
        }
    }
    paths.sort();
    paths.dedup();
    let parsed = paths.into_iter().filter_map(|path| {
        let source = Source::parse(&files.text(&path)?, package.key())?;
        Some((path, source))
    });
    parsed.collect()
}

fn allocators(package: &Package, sources: &[(PathBuf, Source)]) -> Vec<Lack> {
    // The line that `init` adds has the default features.
    let installed = package.hotbench().next().is_none() || installs_allocator(package);
    let shipped = || sources.iter().filter(|(file, _)| ships(package, file));
    let mut of_library = shipped().filter(|(file, _)| !is_of_program(package, file));
    let is_of_programs_alone =
        package.lib().is_some() && !of_library.any(|(_, source)| !source.allocators().is_empty());
    let mut lacks = Vec::new();
    for (file, source) in shipped() {
        for allocator in source.allocators() {
            let own = OwnAllocator {
                file: file.clone(),
                line: allocator.line,
                conditional: allocator.conditional,
            };
            if is_of_programs_alone {
                lacks.push(Lack::OutsideLibrary(own));
                continue;
            }
            if installed {
                lacks.push(Lack::TwoAllocators(own.clone()));
            }
            if !allocator.wrapped {
                lacks.push(Lack::Unwrapped(own));
            }
        }
    }
    lacks
}

/// Whether hotbench's own allocator is on, where the package's tests are linked.
fn installs_allocator(package: &Package) -> bool {
    let names = |feature: &str| {
        let mut features = package.hotbench().flat_map(|one| &one.features);
        features.any(|name| name == feature)
    };
    let has_default = package.hotbench().any(|one| one.default_features);
    (has_default || names("global-allocator")) && !names("own-allocator")
}

/// Whether some package of the workspace has an allocator, hotbench's or its own: it may be linked with the others.
fn reports(workspace: &Workspace, files: &dyn Files) -> bool {
    workspace.members.iter().any(|member| {
        let has_own = |(_, source): &(PathBuf, Source)| !source.allocators().is_empty();
        installs_allocator(member) || sources(member, files).iter().any(has_own)
    })
}

/// Whether a source is of what ships: not the root of a test, an example, a bench target or a build script.
fn ships(package: &Package, file: &Path) -> bool {
    let of = |kinds: &[Kind]| {
        let mut targets = package.targets.iter();
        targets.any(|target| kinds.contains(&target.kind) && target.path == file)
    };
    of(&[Kind::Bin]) || !of(&[Kind::Bench, Kind::Other])
}

/// Whether a source is a program's root, or of a program by where it lies.
fn is_of_program(package: &Package, file: &Path) -> bool {
    package.of(Kind::Bin).any(|bin| bin.path == file)
        || file.starts_with(package.folder().join("src/bin"))
}

fn profile(root: &Manifest) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let value = |key: &str| root.profile(key).and_then(Item::as_value);
    let has_lines = value("debug").is_some_and(|debug| match debug {
        Value::Boolean(on) => *on.value(),
        Value::Integer(level) => *level.value() > 0,
        Value::String(name) => {
            ["line-tables-only", "limited", "full"].contains(&name.value().as_str())
        }
        _ => false,
    });
    if !has_lines {
        lacks.push(Lack::LineTables);
    }
    if let Some(strip) = value("strip")
        && strip.as_bool() != Some(false)
        && strip.as_str() != Some("none")
    {
        lacks.push(Lack::Stripped(strip.to_string().trim().to_owned()));
    }
    if let Some(level) = value("opt-level").and_then(Value::as_integer)
        && level < 2
    {
        lacks.push(Lack::OptLevel(level));
    }
    if value("debug-assertions").and_then(Value::as_bool) == Some(true) {
        lacks.push(Lack::DebugAssertions);
    }
    lacks
}

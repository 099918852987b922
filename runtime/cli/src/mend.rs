//! The edits that give a package what it lacks; pure.

use std::path::{Path, PathBuf};

use super::error::CliError;
use super::files::{Content, Draft, Files};
use super::lack::{Lack, OwnAllocator};
use super::manifest::{Manifest, Section, Source as Origin, slashes};
use super::project::{Kind, Package, Target, Workspace};
use super::sources::Source;
use super::survey::manifest;

/// What the edits are made for.
pub(super) struct Mending<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) package: &'a Package,
    /// Where hotbench is, in the place of a version.
    pub(super) path: Option<PathBuf>,
}

impl Mending<'_> {
    pub(super) fn mend(&self, lack: &Lack, draft: &mut Draft<'_>) -> Result<(), CliError> {
        let root = self.workspace.manifest();
        let own = &self.package.manifest;
        match lack {
            Lack::Unused
            | Lack::Ships(_)
            | Lack::Unreported
            | Lack::OutsideLibrary(_)
            | Lack::NotRun(_) => Ok(()),
            Lack::Resolver => edit(draft, &root, |manifest| manifest.set_resolver("2")),
            Lack::Dependency => self.depend(draft, "dependencies", &[]),
            Lack::DevDependency => self.depend(draft, "dev-dependencies", &["harness"]),
            Lack::Feature(feature) => self.depend(draft, "dev-dependencies", &[feature]),
            Lack::Libtest(target) => {
                let path = self.relative(&target.path);
                let section = match target.kind {
                    Kind::Bin => Section::Bin(&target.name),
                    _ => Section::Lib,
                };
                edit(draft, own, |manifest| {
                    manifest.set_flag(section, Some(path), "bench", false)
                })
            }
            Lack::BenchTarget => self.bench_target(draft),
            Lack::Flag { bench, flag, to } => {
                let path = self.target(bench).map(|target| self.relative(&target.path));
                edit(draft, own, |manifest| {
                    manifest.set_flag(Section::Bench(bench), path, flag, *to)
                })
            }
            Lack::Unnamed { file, lib } => self.name(draft, file, lib),
            Lack::Unmarked(file) => self.mark(draft, file),
            Lack::TwoAllocators(_) => self.depend(draft, "dev-dependencies", &["own-allocator"]),
            Lack::Unwrapped(own) => self.wrap(draft, own),
            Lack::LineTables => edit(draft, &root, |manifest| {
                manifest.set_profile("debug", "line-tables-only".into())
            }),
            Lack::Stripped(_) => edit(draft, &root, |manifest| {
                manifest.set_profile("strip", false.into())
            }),
            Lack::OptLevel(_) => edit(draft, &root, |manifest| {
                manifest.set_profile("opt-level", 3.into())
            }),
            Lack::DebugAssertions => edit(draft, &root, |manifest| {
                manifest.set_profile("debug-assertions", false.into())
            }),
        }
    }

    fn target(&self, bench: &str) -> Option<&Target> {
        self.package
            .of(Kind::Bench)
            .find(|target| target.name == bench)
    }

    /// A path as the package's manifest has it.
    fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.package.folder()).unwrap_or(path)
    }

    fn depend(&self, draft: &mut Draft<'_>, kind: &str, features: &[&str]) -> Result<(), CliError> {
        let key = self.package.key();
        let root = manifest(&self.workspace.manifest(), draft)?;
        let origin = match &self.path {
            _ if root.lists_for_members(key) => Origin::Workspace,
            Some(path) => Origin::Path(path.clone()),
            None => Origin::Version(release()),
        };
        edit(draft, &self.package.manifest, |manifest| {
            manifest.depend(kind, key, &origin, features)
        })
    }

    fn bench_target(&self, draft: &mut Draft<'_>) -> Result<(), CliError> {
        let name = self.free_name(draft);
        let file = self
            .package
            .folder()
            .join("benches")
            .join(format!("{name}.rs"));
        let key = self.package.key().replace('-', "_");
        let mut path = None;
        if let Some(lib) = self.package.lib() {
            let text = format!("{key}::harness!({});\n", lib.name);
            draft.write(&file, Content::Text(text));
        } else {
            let program = self.package.program();
            let program =
                program.ok_or_else(|| CliError::NothingToMeasure(self.package.name.clone()))?;
            self.mark(draft, &program.path)?;
            path = self.program(draft, program, &name, &file)?;
        }
        edit(draft, &self.package.manifest, |manifest| {
            let section = Section::Bench(&name);
            manifest.set_flag(section, path.as_deref(), "harness", false)?;
            manifest.set_flag(section, None, "test", true)
        })
    }

    /// A name that no other bench target has.
    pub(super) fn free_name(&self, draft: &Draft<'_>) -> String {
        let is_free = |name: &String| {
            let file = self
                .package
                .folder()
                .join("benches")
                .join(format!("{name}.rs"));
            self.target(name).is_none() && !draft.exists(&file)
        };
        let numbered = (2..).map(|number| format!("hotbench{number}"));
        let names = ["hot", "hotbench"].map(str::to_owned).into_iter();
        names
            .chain(numbered)
            .find(is_free)
            .expect("there is no end of names")
    }

    /// The bench target's file for a program, and its path if Cargo does not find it by itself.
    fn program(
        &self,
        draft: &mut Draft<'_>,
        program: &Target,
        name: &str,
        file: &Path,
    ) -> Result<Option<PathBuf>, CliError> {
        let source = self.source(draft, &program.path)?;
        let relative = self.relative(&program.path);
        if !source.has_inner_attributes() {
            let text = format!(
                "#![allow(unused)] // What only tests use: they aren't there.\ninclude!(\"../{}\");\n",
                slashes(relative)
            );
            draft.write(file, Content::Text(text));
            return Ok(None);
        }
        let link = program.path.with_file_name(format!("{name}.rs"));
        // Each file there is a program for Cargo.
        let is_in_bin = relative.starts_with("src/bin");
        if cfg!(unix)
            && !is_in_bin
            && !draft.exists(&link)
            && let Some(to) = program.path.file_name()
        {
            draft.write(&link, Content::Link(to.into()));
            return Ok(Some(self.relative(&link).to_owned()));
        }
        Ok(Some(relative.to_owned()))
    }

    fn source(&self, draft: &Draft<'_>, path: &Path) -> Result<Source, CliError> {
        parsed(draft, path, self.package.key())
    }

    fn mark(&self, draft: &mut Draft<'_>, path: &Path) -> Result<(), CliError> {
        let main = self.source(draft, path)?.main();
        let main = main.ok_or_else(|| CliError::NoMain(path.to_owned()))?;
        if !main.marked {
            let mark = format!("#[{}::main]\n", self.package.key().replace('-', "_"));
            insert(draft, path, &[(main.start, &mark)]);
        }
        Ok(())
    }

    fn name(&self, draft: &mut Draft<'_>, file: &Path, lib: &str) -> Result<(), CliError> {
        if let Some(harness) = self.source(draft, file)?.harness() {
            let text = draft.text(file).unwrap_or_default();
            let is_last = text[harness.end..]
                .trim_start()
                .starts_with([')', ']', '}', ',']);
            let name = match (harness.crates.is_empty(), is_last) {
                (true, true) => lib.to_owned(),
                (true, false) => format!("{lib}, "),
                (false, _) => format!(", {lib}"),
            };
            insert(draft, file, &[(harness.end, &name)]);
        }
        Ok(())
    }

    fn wrap(&self, draft: &mut Draft<'_>, own: &OwnAllocator) -> Result<(), CliError> {
        let allocators = self.source(draft, &own.file)?.allocators();
        let mut allocators = allocators.into_iter();
        if let Some(found) = allocators.find(|one| one.line == own.line && !one.wrapped) {
            let key = self.package.key().replace('-', "_");
            let pieces = [
                (found.ty.start, format!("{key}::Alloc<")),
                (found.ty.end, ">".to_owned()),
                (found.value.start, format!("{key}::Alloc::new(")),
                (found.value.end, ")".to_owned()),
            ];
            let pieces = pieces.each_ref().map(|(at, text)| (*at, text.as_str()));
            insert(draft, &own.file, &pieces);
        }
        Ok(())
    }
}

/// The source of a file that is to be changed.
pub(super) fn parsed(draft: &Draft<'_>, path: &Path, key: &str) -> Result<Source, CliError> {
    let text = draft.text(path);
    let text = text.ok_or_else(|| CliError::Unreadable(path.to_owned()))?;
    Source::parse(&text, key).ok_or_else(|| CliError::Unparsed(path.to_owned()))
}

/// The version that a manifest asks for: what is compatible with this one.
fn release() -> String {
    format!(
        "{}.{}",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR")
    )
}

fn edit(
    draft: &mut Draft<'_>,
    path: &Path,
    change: impl FnOnce(&mut Manifest) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut manifest = manifest(path, draft)?;
    change(&mut manifest)?;
    let ending = line_ending(&draft.text(path).unwrap_or_default());
    let text = manifest.text();
    draft.write(
        path,
        Content::Text(text.replace("\r\n", "\n").replace('\n', ending)),
    );
    Ok(())
}

/// By which a text ends its lines.
fn line_ending(text: &str) -> &'static str {
    match text.contains("\r\n") {
        true => "\r\n",
        false => "\n",
    }
}

/// Inserts pieces of text, which are in the order of their places.
pub(super) fn insert(draft: &mut Draft<'_>, path: &Path, pieces: &[(usize, &str)]) {
    let mut text = draft.text(path).unwrap_or_default();
    let ending = line_ending(&text);
    for (at, piece) in pieces.iter().rev() {
        text.insert_str(*at, &piece.replace('\n', ending));
    }
    draft.write(path, Content::Text(text));
}

//! Which hot paths were reached: by the cases of this run, and by the tests of the same build.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Build;
use super::cli::Cli;
use super::environment::Sources;
use super::error::Error;
use super::plan::Plan;
use crate::report::hot_paths::{HotPaths, NotReached};
use hotbench_engine::registry;
use hotbench_guard::Site;
use hotbench_guard::reached::Folder;

/// How hot paths are looked for at the end of a test run.
#[derive(Debug)]
pub(crate) struct Coverage {
    paths: Vec<&'static Site>,
    sources: Sources,
    required: bool,
    /// Or why there is no telling.
    marks: Result<Marks, String>,
}

/// Where the marks are, this executable's among them.
#[derive(Debug)]
struct Marks {
    folder: Folder,
    own: String,
    /// Where this executable's are. It is another file once something else has its name.
    file: PathBuf,
}

impl Coverage {
    /// Before a test run. Nothing where nothing is to be said of them: there is none; or not all cases are
    /// run, as where nextest has a process for each, and nobody insists.
    ///
    /// # Errors
    ///
    /// If they are to be reached, and there is no telling whether they are.
    pub(crate) fn begin(build: &Build, cli: &Cli, plan: &Plan) -> Result<Option<Self>, Error> {
        let required = cli.require_coverage;
        // Filters may take all the cases that there are: nextest's do, where there is one.
        let is_filtered = !cli.filters.is_empty() || !cli.skip.is_empty() || cli.shard.is_some();
        let is_whole = !is_filtered && plan.filtered_out == 0;
        let sources = Sources::of(build);
        let mut paths = registry::hot_paths();
        // What comes from a registry is for its own tests.
        paths.retain(|site| sources.shown(Path::new(site.file)).is_relative());
        if !required && (!is_whole || paths.is_empty()) {
            return Ok(None);
        }
        let is_inert = !paths.is_empty() && paths.iter().all(|site| !site.live);
        let marks = if is_inert {
            Err(NOT_LIVE.to_owned())
        } else {
            Marks::find()
        };
        match marks {
            Err(reason) if required => Err(Error::Coverage(reason)),
            marks => Ok(Some(Self {
                paths,
                sources,
                required,
                marks,
            })),
        }
    }

    /// After it.
    ///
    /// # Errors
    ///
    /// Why there is no telling, a sentence.
    pub(crate) fn end(self) -> Result<HotPaths, String> {
        let Self {
            paths,
            sources,
            required,
            marks,
        } = self;
        let marks = marks?.read(sources.workspace())?;
        let missed = paths.iter().filter(|site| !marks.contains(&site.mark()));
        let not_reached: Vec<NotReached> = missed
            .map(|site| NotReached {
                function: site.path(),
                file: sources.shown(Path::new(site.file)).display().to_string(),
                line: site.line,
                live: site.live,
            })
            .collect();
        Ok(HotPaths {
            total: paths.len(),
            reached: paths.len() - not_reached.len(),
            required,
            not_reached,
        })
    }
}

const NOT_LIVE: &str = "none is recorded in this build, for the guard is not live in it. `cargo test` \
                        without `--release` records them; so does the feature `guard-release`";

impl Marks {
    /// If this process, and so its child, can leave some.
    fn find() -> Result<Self, String> {
        let Some((folder, own)) = Folder::of_this_executable() else {
            return Err(
                "none can be recorded, for this executable is in no `deps` of a target directory \
                 of Cargo's"
                    .to_owned(),
            );
        };
        match folder.prepare(&own).and_then(|()| folder.file(&own)) {
            Ok(file) => Ok(Self { folder, own, file }),
            Err(error) => Err(format!(
                "none can be recorded, for {} can't be written to: {error}",
                folder.path().display()
            )),
        }
    }

    /// # Errors
    ///
    /// If the executable was replaced meanwhile: marks are known by when it was written.
    fn read(&self, workspace: &Path) -> Result<HashSet<String>, String> {
        if self.folder.file(&self.own).ok().as_ref() != Some(&self.file) {
            return Err(
                "it is not known which were reached, for the executable was replaced or removed while it ran: run the \
                 tests again"
                    .to_owned(),
            );
        }
        // Without a workspace the sources are elsewhere.
        let is_anywhere = workspace.as_os_str().is_empty();
        Ok(self.folder.marks(|executable| {
            is_anywhere || executable.ends_with(&self.own) || is_current(executable, workspace)
        }))
    }
}

/// Whether an executable is made of the sources as they are. One of other flags, or of a test that is gone,
/// stays where it is, with all that it has reached.
fn is_current(executable: &Path, workspace: &Path) -> bool {
    let written = |file: &Path| -> Option<SystemTime> { file.metadata().ok()?.modified().ok() };
    let dep_info = executable.with_file_name(format!(
        "{}.d",
        executable.file_name().unwrap_or_default().display()
    ));
    // None where the executable came in an archive.
    let Ok(dep_info) = std::fs::read_to_string(dep_info) else {
        return true;
    };
    let built = written(executable);
    sources(&dep_info).all(|file| {
        let written = written(&workspace.join(file));
        written.is_some() && written <= built
    })
}

/// The files that the compiler has read, each of which has a line of its own.
fn sources(dep_info: &str) -> impl Iterator<Item = PathBuf> {
    let files = dep_info.lines().filter_map(|line| line.strip_suffix(':'));
    files.map(|file| file.replace("\\ ", " ").into())
}

#[cfg(test)]
mod tests {
    use super::sources;

    #[test]
    fn the_sources_of_an_executable_are_read() {
        let dep_info = "\
/t/debug/deps/app-1.d: app/src/lib.rs app/src/a\\ b.rs /t/out.rs

/t/debug/deps/app-1: app/src/lib.rs app/src/a\\ b.rs /t/out.rs

app/src/lib.rs:
app/src/a\\ b.rs:
/t/out.rs:

# env-dep:CARGO_PKG_NAME=app
# env-dep:EMPTY=
";
        let sources: Vec<_> = sources(dep_info).collect();
        let wanted = ["app/src/lib.rs", "app/src/a b.rs", "/t/out.rs"];
        assert_eq!(sources, wanted.map(std::path::PathBuf::from));
    }
}

//! Builds the tree, as it is and in each variant, from nothing each time, so that what a build takes can be compared.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Options;
use super::error::VariantsError;
use super::merge::merge;
use super::setting::{Setting, Variant};
use super::training::{self, Trained};
use crate::Build;
use crate::child::Listed;
use crate::compare::CompareError;
use crate::compare::cargo::{self, ALIGNED, Target, seconds};
use crate::compare::checkout;
use crate::compare::executable::Executable;
use crate::compare::sides::workspace;
use crate::compare::variables::Changes;
use crate::compare::wanted::Wanted;
use crate::interrupt::Interrupt;
use crate::report::progress::Steps;
use crate::report::variants::Training;
use crate::stop::Stop;
use crate::target;
use hotbench_project::profdata::Profdata;

/// A build that is instrumented for PGO: what is counted, and left uncompressed, for not every `llvm-profdata` has
/// zlib.
const COUNTING: &str = "-Cllvm-args=-enable-name-compression=false";

/// What a build has made.
pub(super) struct Product {
    pub(super) executable: Executable,
    pub(super) took: Duration,
    pub(super) bytes: u64,
}

/// What PGO goes by.
pub(super) struct Profile {
    file: PathBuf,
    pub(super) training: Training,
}

/// The folder that the variants are built in, which is empty again when this is dropped.
pub(super) struct Builds {
    build: Build,
    /// Where Cargo is started.
    folder: PathBuf,
    /// Where Criterion may write.
    home: PathBuf,
    own: PathBuf,
    wanted: Wanted,
    aligned: bool,
    train: Option<String>,
    /// Where a variant needs it.
    profdata: Option<Profdata>,
    interrupt: Rc<Interrupt>,
    steps: Steps,
    /// Held as long as the folders are in use.
    _lock: File,
}

/// Flags and variables besides the user's and those of the alignment.
#[derive(Default)]
struct Extra {
    configuration: Vec<String>,
    rustflags: Vec<String>,
    environment: Vec<(&'static str, OsString)>,
}

impl Builds {
    /// # Errors
    ///
    /// If a variant needs a tool that is not there, or another process is at work in the folder.
    pub(super) fn new(
        build: &Build,
        options: Options<'_>,
        home: &Path,
        interrupt: &Rc<Interrupt>,
    ) -> Result<Self, Stop<VariantsError>> {
        let folder = workspace(build);
        let own = target::directory().join("hotbench").join("variants");
        let lock = checkout::lock(&own).map_err(VariantsError::from)?;
        let profdata = match options.list.has_pgo() {
            true => Some(Profdata::find(&folder).map_err(VariantsError::from)?),
            false => None,
        };
        let builds = Self {
            build: *build,
            folder,
            home: home.to_owned(),
            own,
            wanted: Wanted::of(build),
            aligned: !options.native_layout,
            train: options.train.map(str::to_owned),
            profdata,
            interrupt: Rc::clone(interrupt),
            steps: Steps::new(options.quiet),
            _lock: lock,
        };
        // What a run has left that was killed.
        builds.clear();
        Ok(builds)
    }

    /// Cargo's, by its name in `Cargo.toml`.
    pub(super) fn profile(&self) -> &str {
        self.wanted.profile()
    }

    /// The tree in the profile as it is.
    pub(super) fn present(&mut self) -> Result<Product, Stop<VariantsError>> {
        let built = self.product("present", "the profile as it is", &Extra::default())?;
        if self.aligned {
            let flags = ALIGNED.join(" ");
            self.steps.end(&format!(
                "functions and loops lie aligned in all of them, by `{flags}`; `--native-layout` leaves that out"
            ));
        }
        Ok(built)
    }

    /// The tree in a variant, by the profile that its training has left.
    pub(super) fn variant(
        &mut self,
        variant: &Variant,
        trained: Option<&Profile>,
    ) -> Result<Product, Stop<VariantsError>> {
        let name = variant.to_string();
        let mut extra = self.settings(variant);
        let used = trained.map(|profile| format!("-Cprofile-use={}", profile.file.display()));
        extra.rustflags.extend(used);
        self.product(&name, &format!("`{name}`"), &extra)
    }

    fn settings(&self, variant: &Variant) -> Extra {
        let in_profile = variant.settings.iter().filter_map(|one| one.in_profile());
        let profile = self.wanted.profile();
        let native = variant.has(Setting::Native);
        Extra {
            configuration: in_profile
                .map(|(key, value)| format!("profile.{profile}.{key}={value}"))
                .collect(),
            rustflags: native
                .then(|| "-Ctarget-cpu=native".to_owned())
                .into_iter()
                .collect(),
            environment: Vec::new(),
        }
    }

    /// If a variant is to be trained, builds it so that its runs are recorded, and has it run: by `cases`, or by the
    /// user's command.
    pub(super) fn train(
        &mut self,
        variant: &Variant,
        cases: &[Listed],
        timeout: Duration,
    ) -> Result<Option<Profile>, Stop<VariantsError>> {
        let Some(profdata) = self.profdata.clone().filter(|_| variant.has(Setting::Pgo)) else {
            return Ok(None);
        };
        let name = format!("{variant}.instrumented");
        let raw = self.own.join(format!("{variant}.profiles"));
        let mut extra = self.settings(variant);
        let generate = format!("-Cprofile-generate={}", raw.display());
        extra.rustflags.extend([generate, COUNTING.to_owned()]);
        // What runs while others are built, build scripts and macros, is no training.
        let aside = self.own.join("build-scripts");
        let file = |folder: &Path| folder.join("%m-%p.profraw").into_os_string();
        extra.environment = vec![(training::FILE, file(&aside))];
        let instrumented = match self.train {
            // It builds what it runs.
            Some(_) => None,
            None => {
                let title = format!("`{variant}`, to be trained,");
                Some(self.product(&name, &title, &extra)?)
            }
        };
        let write = |error| VariantsError::from(CompareError::Write(raw.clone(), error));
        fs::create_dir_all(&raw).map_err(write)?;
        let start = Instant::now();
        self.steps.begin(&format!("training `{variant}`"));
        if let Some(instrumented) = &instrumented {
            training::by_cases(&Trained {
                executable: &instrumented.executable,
                cases,
                home: &self.home,
                profiles: file(&raw),
                timeout,
                interrupt: &self.interrupt,
            })?;
        }
        if let Some(command) = &self.train {
            let mut environment = training::profile_variables(variant, self.wanted.profile());
            let flags = self.flags(&extra);
            environment.push(cargo::rustflags_variable(&self.folder, &flags));
            let directory = self.own.join(&name).into_os_string();
            environment.push(("CARGO_TARGET_DIR".to_owned(), directory));
            environment.push((training::FILE.to_owned(), file(&raw)));
            let said = self.own.join("training-stderr");
            training::by_command(command, &self.folder, environment, &said, &self.interrupt)?;
        }
        if training::has_left_nothing(&raw) {
            return Err(VariantsError::NoProfile(self.train.clone()).into());
        }
        let merged = self.own.join(format!("{variant}.profdata"));
        merge(&profdata, &raw, &merged)?;
        let ran = start.elapsed();
        self.steps
            .end(&format!("trained `{variant}` in {}", seconds(ran)));
        Ok(Some(Profile {
            file: merged,
            training: Training {
                build_s: instrumented.map(|product| product.took.as_secs_f64()),
                run_s: ran.as_secs_f64(),
            },
        }))
    }

    fn flags<'a>(&self, extra: &'a Extra) -> Vec<&'a str> {
        let aligned: &[&str] = if self.aligned { &ALIGNED } else { &[] };
        let own = extra.rustflags.iter().map(String::as_str);
        aligned.iter().copied().chain(own).collect()
    }

    /// Builds in a folder of this name, from nothing.
    fn product(
        &mut self,
        name: &str,
        title: &str,
        extra: &Extra,
    ) -> Result<Product, Stop<VariantsError>> {
        let directory = self.own.join(name);
        let flags = self.flags(extra);
        let target = Target {
            folder: &self.folder,
            package: self.build.package,
            bench: self.build.bench,
            wanted: &self.wanted,
            directory: &directory,
            version: title,
            rustflags: &flags,
            configuration: &extra.configuration,
            environment: &extra.environment,
            changes: &Changes::new(),
            hint: "",
        };
        let start = Instant::now();
        let built = cargo::build(&target, &self.interrupt, &mut self.steps);
        let executable = built?.executable;
        let took = start.elapsed();
        let read = |error| CompareError::Read(directory.clone(), error);
        Ok(Product {
            bytes: executable.size().map_err(read)?,
            executable,
            took,
        })
    }

    /// Empties the folder, but for the lock.
    fn clear(&self) {
        for entry in fs::read_dir(&self.own).into_iter().flatten().flatten() {
            let path = entry.path();
            // What can't be removed does no harm but to the next build's time.
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(&path),
                false if entry.file_name() == "lock" => Ok(()),
                false => fs::remove_file(&path),
            };
        }
    }
}

impl Drop for Builds {
    fn drop(&mut self) {
        self.clear();
    }
}

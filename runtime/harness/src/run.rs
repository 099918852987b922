//! Carries out what the command line asks for.

use std::rc::Rc;

use super::Build;
use super::child::Program;
use super::cli::{Cli, Format, Mode};
use super::ended::Ending;
use super::error::{Error, NO_CASES};
use super::interrupt::Interrupt;
use super::plan::{self, Instance, Plan};
use super::selection::Selection;
use super::session::Session;
use super::stop::Stop;
use super::unrun::NotRun;
use super::{compare, flamegraph, formats, hot_list, listing, pages, variants};
use crate::report::console::Console;
use crate::report::document::{self, Measured};
use crate::report::events::{self, Discovered};
use crate::report::{hot_paths, libtest};
use hotbench_engine::registry::{self, Case};

/// Runs what the command line asks for.
///
/// # Errors
///
/// If nothing could be run: wrong usage, cases that can't be told apart, no child.
pub(crate) fn run(build: &Build, console: &mut Console) -> Result<Ending, Error> {
    let cli = match Cli::parse_arguments(build.bench) {
        Ok(cli) => cli,
        Err(help) if !help.use_stderr() => {
            console.print(&help.to_string());
            return Ok(Ending::Held);
        }
        Err(error) => return Err(Error::Usage(error)),
    };
    console.set_color(cli.colored());
    let mode = cli.mode();
    suits(&cli, mode)?;
    if mode == Mode::Merge {
        return merge(&cli, console);
    }
    if mode == Mode::ListHot {
        list_hot(build, &cli, console);
        return Ok(Ending::Held);
    }
    if let (Mode::Save, Some(name)) = (mode, &cli.save) {
        return save(build, &cli, name, console);
    }
    let program = Rc::new(Program::of_this_process(build).map_err(Error::Executable)?);
    let interrupt = Rc::new(Interrupt::listen().map_err(Error::Signals)?);
    let cases = registry::cases();
    let selection = Selection::from(&cli);
    let sweeps = match listing::evaluate(&program, &cases, &selection, cli.timeout, &interrupt) {
        Ok(sweeps) => sweeps,
        Err(Stop::Interrupted | Stop::InterruptedWhile(_)) => {
            console.note("interrupted while the values of sweeps were evaluated: no case was run");
            return Ok(Ending::Interrupted);
        }
        Err(Stop::Error(error)) => return Err(error),
    };
    let plan = plan::plan(&cases, &sweeps, selection)?;
    if !matches!(mode, Mode::List | Mode::Test) && plan.instances.is_empty() {
        let is_swept = cases.iter().any(|(_, case)| case.sweep.is_some());
        if let Some(filter) = cli.filters.first().filter(|_| is_swept && !cli.exact) {
            console.note(&format!(
                "no case has `{filter}` in its name. To look for it in the values of sweeps, write `/{filter}`"
            ));
        }
    }
    if mode != Mode::List && tell_of_what_is_not_run(build, &cli, &cases, console)? {
        return Ok(Ending::Held);
    }
    let session = |measured| Session::new(build, &cli, &plan, measured, program, interrupt);
    match mode {
        Mode::List => {
            list(&plan, cli.format, console);
            Ok(Ending::Held)
        }
        Mode::Time | Mode::Compare | Mode::Variants | Mode::Cause
            if build.debug_assertions && !cli.allow_debug =>
        {
            Err(Error::DebugBuild)
        }
        Mode::Time => session(Measured::Time).run(console),
        Mode::Compare => session(Measured::Compare).run(console),
        Mode::Variants => session(Measured::Variants).run(console),
        Mode::Cause => session(Measured::Cause).run(console),
        Mode::Check => session(Measured::Check).run(console),
        Mode::Test | Mode::Merge | Mode::ListHot | Mode::Save => {
            session(Measured::Test).run(console)
        }
    }
}

/// Says which cases are written and not run. Returns whether there is nothing to compare for that.
///
/// # Errors
///
/// If there is no case to measure, and no build has any.
fn tell_of_what_is_not_run(
    build: &Build,
    cli: &Cli,
    cases: &[(String, &'static Case)],
    console: &mut Console,
) -> Result<bool, Error> {
    // Whoever asks for one case, as nextest does for each, knows it.
    if cli.exact {
        return Ok(false);
    }
    let not_run = NotRun::find(build, cases);
    if let Some(warning) = not_run.warning() {
        console.warning(&warning);
    }
    let note = not_run.note();
    if let Some(note) = note.as_ref().filter(|_| !cli.quiet) {
        console.note(note);
    }
    if !cases.is_empty() {
        return Ok(false);
    }
    match (cli.mode(), note) {
        (Mode::Test, Some(_)) => Ok(false),
        (Mode::Test, None) => {
            console.warning(NO_CASES);
            Ok(false)
        }
        (Mode::Compare | Mode::Variants, Some(_)) => Ok(true),
        (_, Some(_)) => Ok(false),
        (_, None) => Err(Error::NoCases),
    }
}

/// Lists the cases as libtest does.
fn list(plan: &Plan, format: Format, console: &mut Console) {
    let instances = plan.instances.iter();
    if format == Format::Json {
        let discovered = instances.map(|Instance { id, case, .. }| Discovered {
            id,
            ignore: case.ignore,
            file: case.file,
            line: case.line,
            column: case.column,
            function: case.function,
        });
        events::list(console, discovered);
        return;
    }
    let ids = instances.map(|instance| instance.id.as_str());
    libtest::list(console, ids, format == Format::Terse);
}

/// Keeps this version for a later comparison.
fn save(build: &Build, cli: &Cli, name: &str, console: &mut Console) -> Result<Ending, Error> {
    if build.debug_assertions && !cli.allow_debug {
        return Err(Error::DebugBuild);
    }
    let interrupt = Interrupt::listen().map_err(Error::Signals)?;
    match compare::save(build, name, cli.native_layout, cli.quiet, &interrupt) {
        Ok(saved) => {
            console.line(saved);
            Ok(Ending::Held)
        }
        Err(Stop::Interrupted) => Ok(Ending::Interrupted),
        Err(Stop::InterruptedWhile(stage)) => {
            console.note(&format!("interrupted while {stage}: nothing is saved"));
            Ok(Ending::Interrupted)
        }
        Err(Stop::Error(error)) => Err(error.into()),
    }
}

fn list_hot(build: &Build, cli: &Cli, console: &mut Console) {
    let list = hot_list::list(build, &cli.into());
    match cli.format {
        Format::Json => hot_paths::print_json(console, &list),
        _ => hot_paths::print_table(console, &list),
    }
}

/// One report of what several machines have measured.
fn merge(cli: &Cli, console: &mut Console) -> Result<Ending, Error> {
    let report = document::merge(&cli.merge).map_err(Error::Merge)?;
    formats::print(cli.format, console, &report);
    if cli.open {
        pages::open_merged(console, &report);
    }
    let gaps = document::gaps(&report);
    for gap in &gaps {
        console.error(gap);
    }
    Ok(Ending::of(report.passed() && gaps.is_empty()))
}

/// Whether the flags go together with what is to be done.
fn suits(cli: &Cli, mode: Mode) -> Result<(), Error> {
    let has_format = match cli.format {
        Format::Human | Format::Terse => true,
        Format::Json => mode != Mode::Save,
        // Libtest lists in words whatever the format is.
        Format::Junit => !matches!(mode, Mode::ListHot | Mode::Save),
        Format::Github | Format::Bencher => {
            !matches!(mode, Mode::List | Mode::ListHot | Mode::Save)
        }
    };
    if !has_format {
        return Err(Error::Format(cli.format));
    }
    if mode == Mode::Variants && !matches!(cli.format, Format::Human | Format::Terse | Format::Json)
    {
        return Err(Error::InTurnsFormat(cli.format, "variants"));
    }
    if mode == Mode::Compare && cli.format == Format::Bencher {
        return Err(Error::InTurnsFormat(cli.format, "a comparison"));
    }
    if cli.calls.is_some() && cli.format == Format::Bencher {
        return Err(Error::InTurnsFormat(cli.format, "single calls"));
    }
    if cli.train.is_some() && !cli.variants.as_ref().is_some_and(variants::List::has_pgo) {
        return Err(Error::NothingToTrain);
    }
    if cli.require_coverage && mode != Mode::Test {
        return Err(Error::NoTest);
    }
    if cli.flamegraph && !cfg!(feature = "flamegraph") {
        return Err(Error::Feature("--flamegraph", "flamegraph"));
    }
    if cli.flamegraph && !flamegraph::CAN_BE_MADE {
        return Err(Error::Sampler);
    }
    if cli.open && !cfg!(feature = "html") {
        return Err(Error::Feature("--open", "html"));
    }
    if cli.open && !matches!(mode, Mode::Time | Mode::Merge) {
        return Err(Error::Open);
    }
    Ok(())
}

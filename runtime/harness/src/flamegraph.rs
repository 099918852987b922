//! The flamegraph of a case, and the stacks that it is made of, under `target/hotbench/flamegraph/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inferno::flamegraph::{self, Options, TextTruncateDirection};

use super::error::Error;
use super::file_name::file_name;
use super::runner::Runner;
use super::stop::Stop;
use super::target;
use crate::plan::Instance;
use crate::report::measurement::{Measurement, Sampled};
use hotbench_engine::engines::{SamplingSettings, not_written};
use hotbench_engine::sampler;
use hotbench_guard::text;

pub(super) const CAN_BE_MADE: bool = sampler::EXISTS;

fn folder() -> PathBuf {
    target::directory().join("hotbench").join("flamegraph")
}

/// Has samples of a case taken, for so long if that is said, and draws them. Those of an earlier run go in any
/// case.
pub(super) fn make(
    runner: &mut Runner,
    instance: &Instance,
    measurement: &mut Measurement,
    time: Option<Duration>,
) -> Result<(), Stop<Error>> {
    let name = file_name(&instance.id);
    let [folded, drawing] = ["folded", "svg"].map(|kind| folder().join(format!("{name}.{kind}")));
    for file in [&folded, &drawing] {
        let _ = fs::remove_file(file);
    }
    // If that fails, so does the write of the stacks, which says why.
    let _ = fs::create_dir_all(folder());
    let settings = SamplingSettings {
        time,
        folded: folded.clone(),
    };
    runner.sample(instance, measurement, settings)?;
    let Some(sampled) = measurement.sampled.as_mut() else {
        return Ok(());
    };
    // Of nothing there is no drawing, nor of stacks that could not be written.
    if sampled.samples == 0 || sampled.folded.is_none() {
        return Ok(());
    }
    match draw(&folded, &drawing, &instance.id, sampled) {
        Ok(()) => sampled.flamegraph = Some(drawing.display().to_string()),
        Err(error) => sampled.not_written = Some(not_written(drawing.display(), &error)),
    }
    Ok(())
}

fn draw(folded: &Path, drawing: &Path, id: &str, sampled: &Sampled) -> io::Result<()> {
    let stacks = fs::read_to_string(folded)?;
    let samples = text::count(sampled.samples, "sample");
    let mut options = Options::default();
    options.title = id.to_owned();
    options.subtitle = Some(format!("{samples} in {:.1} s", sampled.duration_s));
    // What a path ends with tells more, but its beginning tells whose it is.
    options.text_truncate_direction = TextTruncateDirection::Right;
    // The same stacks look the same in each run.
    options.deterministic = true;
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, stacks.lines(), &mut svg).map_err(io::Error::other)?;
    fs::write(drawing, svg)
}

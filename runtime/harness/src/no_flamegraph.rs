//! Without the feature `flamegraph` there is none.

use std::time::Duration;

use super::error::Error;
use super::runner::Runner;
use super::stop::Stop;
use crate::plan::Instance;
use crate::report::measurement::Measurement;

pub(super) const CAN_BE_MADE: bool = false;

pub(super) fn make(
    _: &mut Runner,
    _: &Instance,
    _: &mut Measurement,
    _: Option<Duration>,
) -> Result<(), Stop<Error>> {
    Ok(())
}

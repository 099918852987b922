//! The file of a profile: DHAT's format, version 2, which Valgrind's `dh_view.html` opens.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::profile::Profile;

// The names are DHAT's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dhat<'a> {
    dhat_file_version: u32,
    mode: &'a str,
    verb: &'a str,
    /// Blocks have lifetimes.
    bklt: bool,
    /// Blocks have accesses.
    bkacc: bool,
    /// The unit of time, that of a million, and below how many a lifetime is short.
    tu: &'a str,
    #[serde(rename = "Mtu")]
    mtu: &'a str,
    tuth: u64,
    cmd: &'a str,
    pid: u32,
    /// When the program had most, and when it ended.
    tg: u64,
    te: u64,
    pps: Vec<ProgramPoint<'a>>,
    ftbl: &'a [String],
}

#[derive(Serialize)]
struct ProgramPoint<'a> {
    tb: u64,
    tbk: u64,
    tl: u64,
    mb: u64,
    mbk: u64,
    gb: u64,
    gbk: u64,
    eb: u64,
    ebk: u64,
    fs: &'a [usize],
}

impl Profile {
    /// Writes the profile of what is called `command`.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub(crate) fn write(&self, file: &Path, command: &str) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = BufWriter::new(File::create(file)?);
        serde_json::to_writer(&mut file, &self.dhat(command))?;
        file.flush()
    }

    fn dhat<'a>(&'a self, command: &'a str) -> Dhat<'a> {
        let points = self.stacks.iter().map(|stack| {
            let figures = &stack.figures;
            ProgramPoint {
                tb: figures.bytes,
                tbk: figures.blocks,
                tl: u64::try_from(figures.lifetimes_ns / 1_000).unwrap_or(u64::MAX),
                mb: figures.most.bytes,
                mbk: figures.most.blocks,
                gb: stack.at_peak.bytes,
                gbk: stack.at_peak.blocks,
                eb: figures.now.bytes,
                ebk: figures.now.blocks,
                fs: &stack.frames,
            }
        });
        Dhat {
            dhat_file_version: 2,
            mode: "rust-heap",
            verb: "Allocated",
            bklt: true,
            bkacc: false,
            tu: "µs",
            mtu: "s",
            tuth: 10,
            cmd: command,
            pid: std::process::id(),
            tg: self.peak_ns / 1_000,
            te: self.ended_ns / 1_000,
            pps: points.collect(),
            ftbl: &self.texts,
        }
    }
}

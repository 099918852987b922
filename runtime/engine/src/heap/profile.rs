//! A recording with the names of functions: what the file has, and what sites are made of.

use std::collections::HashMap;

use super::recorder::{Figures, Held, Point, Recorder};
use super::walk::{End, MAX_FRAMES};
use hotbench_guard::symbols::{self, Frame};

/// The frame that all stacks have in common: DHAT's.
const ROOT: &str = "[root]";

/// A recording that has ended.
#[derive(Debug)]
pub(crate) struct Profile {
    /// Of all stacks together.
    pub(super) all: Figures,
    pub(super) ended_ns: u64,
    pub(super) peak_ns: u64,
    /// Blocks that could not be followed.
    pub(super) lost: u64,
    pub(super) stacks: Vec<Stack>,
    /// The texts of frames, which stacks name by their indices.
    pub(super) texts: Vec<String>,
}

/// A stack that allocated.
#[derive(Debug)]
pub(super) struct Stack {
    /// Innermost first; of the harness, and of the allocator, there are none.
    pub(super) frames: Vec<usize>,
    /// Return addresses, the harness's, too.
    pub(super) addresses: Vec<usize>,
    pub(super) end: End,
    pub(super) figures: Figures,
    pub(super) at_peak: Held,
}

impl Profile {
    pub(super) fn of(recorder: &Recorder) -> Self {
        let mut texts = Texts::new();
        let mut stacks: Vec<Stack> = Vec::new();
        let mut by_frames: HashMap<Vec<usize>, usize> = HashMap::new();
        for (addresses, point) in recorder.points() {
            let frames = texts.of(addresses, point);
            let at_peak = recorder.at_peak(point);
            // What differed was outside the program. The viewer takes each stack once.
            let known = by_frames.get(&frames).map(|index| &mut stacks[*index]);
            if let Some(known) = known {
                known.absorb(&point.figures, at_peak);
                continue;
            }
            by_frames.insert(frames.clone(), stacks.len());
            stacks.push(Stack {
                frames,
                addresses: addresses.to_vec(),
                end: point.end,
                figures: point.figures,
                at_peak,
            });
        }
        Self {
            all: recorder.all,
            ended_ns: recorder.ended_ns,
            peak_ns: recorder.peak_ns,
            lost: recorder.lost,
            stacks,
            texts: texts.all,
        }
    }
}

impl Stack {
    /// Whether it is none: that of allocations whose stack was not kept.
    pub(super) fn is_none(&self) -> bool {
        self.end == End::NotWalked
    }

    /// Most is then an upper bound: the two may have had it at different times.
    fn absorb(&mut self, other: &Figures, at_peak: Held) {
        let of = &mut self.figures;
        of.blocks += other.blocks;
        of.bytes = of.bytes.saturating_add(other.bytes);
        of.asked = of.asked.saturating_add(other.asked);
        of.reallocs += other.reallocs;
        of.lifetimes_ns += other.lifetimes_ns;
        of.now.absorb(other.now);
        of.most.absorb(other.most);
        self.at_peak.absorb(at_peak);
    }
}

impl Held {
    fn absorb(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.bytes += other.bytes;
    }
}

/// The texts of frames, each once.
struct Texts {
    all: Vec<String>,
    indices: HashMap<String, usize>,
    of_address: HashMap<usize, Vec<(Frame, usize)>>,
}

impl Texts {
    fn new() -> Self {
        let mut texts = Self {
            all: Vec::new(),
            indices: HashMap::new(),
            of_address: HashMap::new(),
        };
        texts.index(ROOT.to_owned());
        texts
    }

    fn index(&mut self, text: String) -> usize {
        let Self { all, indices, .. } = self;
        *indices.entry(text).or_insert_with_key(|text| {
            all.push(text.clone());
            all.len() - 1
        })
    }

    /// The frames of a stack, without the allocator's and the harness's.
    fn of(&mut self, addresses: &[usize], point: &Point) -> Vec<usize> {
        let mut frames: Vec<(Frame, usize)> = Vec::new();
        for address in addresses {
            frames.extend_from_slice(self.at(*address));
        }
        let of_program = symbols::program_part(&frames, |(frame, _)| frame);
        let mut indices: Vec<usize> = of_program.iter().map(|(_, index)| *index).collect();
        match point.end {
            End::Outermost => {}
            End::NotWalked => indices.push(self.index("[no stack was kept]".to_owned())),
            End::Cut => {
                indices.push(self.index(format!("[further out: {MAX_FRAMES} frames are kept]")));
            }
            End::Unknown => {
                indices.push(self.index("[further out: no unwind tables]".to_owned()));
            }
        }
        indices
    }

    /// The functions at an address, innermost first, with their texts.
    fn at(&mut self, address: usize) -> &[(Frame, usize)] {
        if !self.of_address.contains_key(&address) {
            let frames = symbols::frames_at(address);
            let mut frames: Vec<Frame> = frames.to_vec();
            if frames.is_empty() {
                frames.push(Frame::default());
            }
            let frames = frames.into_iter().map(|frame| {
                let index = self.index(text(address, &frame));
                (frame, index)
            });
            let frames = frames.collect();
            self.of_address.insert(address, frames);
        }
        &self.of_address[&address]
    }
}

/// `0x55d0c8a4b0f1: app::parse (src/lib.rs:12:5)`, as DHAT has it.
fn text(address: usize, frame: &Frame) -> String {
    let function = frame.function.as_deref().unwrap_or("???");
    let Some(place) = &frame.place else {
        return format!("{address:#x}: {function}");
    };
    let file = symbols::shown(&place.file);
    let file = symbols::in_standard_library(&file).unwrap_or(&file);
    let column = place.column.map_or(0, |column| column.character(None));
    format!("{address:#x}: {function} ({file}:{}:{column})", place.line)
}

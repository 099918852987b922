//! What a recording knows: the stacks that allocated, what each asked for, and the blocks that are there.
//!
//! DHAT's figures, counted as the `dhat` crate counts them: a `realloc` is a block of its new size, and belongs to
//! the stack that made the block.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Instant;

use super::walk::{End, Walker};
use hotbench_guard::recorder::{Block, Here};

/// What bounds the memory and the time that a recording takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Allocations whose stack is walked; the rest are of no stack.
    pub(crate) walks: u64,
    /// Distinct stacks; others are of no stack.
    pub(crate) stacks: usize,
    /// Blocks that are there at a time; others are not followed to their end.
    pub(crate) live: usize,
}

impl Bounds {
    /// Some seconds of walks, 30 MB of stacks and 140 MB of blocks, at most.
    pub(crate) const USUAL: Self = Self {
        walks: 10_000_000,
        stacks: 32_768,
        live: 3_500_000,
    };
}

/// Of one stack, and of all together.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Figures {
    pub(super) blocks: u64,
    pub(super) bytes: u64,
    /// The same as a budget counts it: of a `realloc`, what it has added to its block.
    pub(super) asked: u64,
    /// Of the blocks, those that a `realloc` made of others.
    pub(super) reallocs: u64,
    /// Of all blocks that are gone, and at the end of those that are left.
    pub(super) lifetimes_ns: u128,
    /// Those that are there.
    pub(super) now: Held,
    /// When its own bytes were most, the last time.
    pub(super) most: Held,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) blocks: u64,
    pub(super) bytes: u64,
}

impl Figures {
    /// Adds a block; `was` is what a `realloc` has made it of. Returns whether there was never more.
    fn add(&mut self, size: u64, was: Option<u64>) -> bool {
        self.blocks += 1;
        self.bytes = self.bytes.saturating_add(size);
        let added = size.saturating_sub(was.unwrap_or(0));
        self.asked = self.asked.saturating_add(added);
        match was {
            Some(was) => {
                self.reallocs += 1;
                self.now.bytes = (self.now.bytes + size).saturating_sub(was);
            }
            None => {
                self.now.blocks += 1;
                self.now.bytes += size;
            }
        }
        let is_most = self.now.bytes >= self.most.bytes;
        if is_most {
            self.most = self.now;
        }
        is_most
    }

    fn remove(&mut self, size: u64, lifetime_ns: u64) {
        self.now.blocks -= 1;
        self.now.bytes -= size;
        self.lifetimes_ns += u128::from(lifetime_ns);
    }
}

/// A stack, and what it did.
#[derive(Debug)]
pub(super) struct Point {
    /// Its frames, among all.
    frames: std::ops::Range<usize>,
    pub(super) end: End,
    /// The next of those with its hash.
    next: Option<u32>,
    pub(super) figures: Figures,
    /// What it had when all together had most: known of the peak of this number.
    at_peak: Held,
    peak: u64,
}

/// The point of what has no stack.
const NO_STACK: u32 = 0;

#[derive(Debug)]
pub(crate) struct Recorder {
    bounds: Bounds,
    walker: Walker,
    started: Instant,
    pub(super) ended_ns: u64,
    pub(super) peak_ns: u64,
    /// Peaks so far: those moments at which there was never more.
    peak: u64,
    pub(super) all: Figures,
    walks: u64,
    frames: Vec<usize>,
    points: Vec<Point>,
    /// The first of the points whose stacks have this hash.
    by_hash: HashMap<u64, u32, BuildHasherDefault<Spread>>,
    live: HashMap<usize, Block, BuildHasherDefault<Spread>>,
    /// Blocks that could not be followed.
    pub(super) lost: u64,
}

impl Recorder {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let mut frames = Vec::new();
        let no_stack = Point::new(&mut frames, &[], End::NotWalked, None, 0);
        Self {
            bounds,
            walker: Walker::new(),
            started: Instant::now(),
            ended_ns: 0,
            peak_ns: 0,
            peak: 0,
            all: Figures::default(),
            walks: 0,
            frames,
            points: vec![no_stack],
            by_hash: HashMap::default(),
            live: HashMap::default(),
            lost: 0,
        }
    }

    /// Begins the clock.
    pub(super) fn start(&mut self) {
        self.started = Instant::now();
    }

    /// Ends it, and the lifetimes of the blocks that are left.
    pub(super) fn stop(&mut self) {
        self.ended_ns = self.now_ns();
        for block in self.live.values() {
            let lifetime = u128::from(self.ended_ns.saturating_sub(block.born_ns));
            self.all.lifetimes_ns += lifetime;
            self.points[block.point as usize].figures.lifetimes_ns += lifetime;
        }
        self.live.clear();
    }

    pub(super) fn blocks(&self) -> u64 {
        self.all.blocks
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub(super) fn allocated(&mut self, block: usize, size: usize, here: &Here) {
        let point = self.point(here);
        let now = self.now_ns();
        self.add(block, size as u64, point, None, now);
    }

    pub(super) fn freed(&mut self, block: usize) {
        let Some(Block {
            point,
            size,
            born_ns,
        }) = self.live.remove(&block)
        else {
            // It was there before, or could not be followed.
            return;
        };
        let lifetime = self.now_ns().saturating_sub(born_ns);
        self.all.remove(size, lifetime);
        let peak = self.peak;
        let point = &mut self.points[point as usize];
        point.remember(peak);
        point.figures.remove(size, lifetime);
    }

    /// A block that may be on its way to another address, with all that is known of it.
    pub(super) fn moving(&mut self, block: usize) -> Option<Block> {
        self.live.remove(&block)
    }

    /// It has stayed where, and what, it was.
    pub(super) fn kept(&mut self, block: usize, was: Option<Block>) {
        if let Some(was) = was {
            self.live.insert(block, was);
        }
    }

    pub(super) fn moved(&mut self, block: usize, size: usize, was: Option<Block>, here: &Here) {
        // One that was there before is treated as new.
        match was {
            Some(was) => self.add(block, size as u64, was.point, Some(was), was.born_ns),
            None => self.allocated(block, size, here),
        }
    }

    fn add(&mut self, block: usize, size: u64, point: u32, was: Option<Block>, born_ns: u64) {
        let was_size = was.map(|was| was.size);
        let peak = self.peak;
        let of = &mut self.points[point as usize];
        of.remember(peak);
        if self.live.len() == self.bounds.live {
            // What it asked for is known, and not how long it stays.
            self.lost += 1;
            for figures in [&mut of.figures, &mut self.all] {
                figures.blocks += 1;
                figures.bytes = figures.bytes.saturating_add(size);
                let added = size.saturating_sub(was_size.unwrap_or(0));
                figures.asked = figures.asked.saturating_add(added);
            }
            return;
        }
        of.figures.add(size, was_size);
        if self.all.add(size, was_size) {
            self.peak += 1;
            self.peak_ns = was.map_or(born_ns, |_| self.now_ns());
        }
        let block_now = Block {
            point,
            size,
            born_ns,
        };
        // An address that was freed unseen, by a thread that nobody watched.
        if let Some(gone) = self.live.insert(block, block_now) {
            self.all.remove(gone.size, 0);
            let point = &mut self.points[gone.point as usize];
            point.remember(self.peak);
            point.figures.remove(gone.size, 0);
        }
    }

    /// The point of the stack around `here`.
    fn point(&mut self, here: &Here) -> u32 {
        if self.walks == self.bounds.walks {
            return NO_STACK;
        }
        self.walks += 1;
        let (stack, end, hash) = self.walker.walk(here);
        let first = self.by_hash.get(&hash).copied();
        let mut next = first;
        while let Some(index) = next {
            let point = &self.points[index as usize];
            if self.frames[point.frames.clone()] == *stack && point.end == end {
                return index;
            }
            next = point.next;
        }
        if self.points.len() > self.bounds.stacks {
            return NO_STACK;
        }
        let index = self.points.len() as u32;
        let point = Point::new(&mut self.frames, stack, end, first, self.peak);
        self.points.push(point);
        self.by_hash.insert(hash, index);
        index
    }

    /// The points that allocated, with their stacks, innermost first; the stack of what has none is empty.
    pub(super) fn points(&self) -> impl Iterator<Item = (&[usize], &Point)> {
        let points = self.points.iter();
        let points = points.map(|point| (&self.frames[point.frames.clone()], point));
        points.filter(|(_, point)| point.figures.blocks > 0)
    }

    /// What a point had when all together had most.
    pub(super) fn at_peak(&self, point: &Point) -> Held {
        // Since then it has done nothing.
        if point.peak < self.peak {
            point.figures.now
        } else {
            point.at_peak
        }
    }
}

impl Point {
    fn new(
        frames: &mut Vec<usize>,
        stack: &[usize],
        end: End,
        next: Option<u32>,
        peak: u64,
    ) -> Self {
        let start = frames.len();
        frames.extend_from_slice(stack);
        Self {
            frames: start..frames.len(),
            end,
            next,
            figures: Figures::default(),
            at_peak: Held::default(),
            peak,
        }
    }

    /// Before it changes: what it had at the last peak is what it has now, unless it is known already.
    fn remember(&mut self, peak: u64) {
        if self.peak < peak {
            self.at_peak = self.figures.now;
            self.peak = peak;
        }
    }
}

/// A hasher of one number: addresses have their randomness in the middle.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let product = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ (product >> 32);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Held, Here, Recorder};

    fn held(blocks: u64, bytes: u64) -> Held {
        Held { blocks, bytes }
    }

    #[inline(never)]
    fn one(recorder: &mut Recorder, block: usize, size: usize) {
        recorder.allocated(block, size, &Here::new());
        std::hint::black_box(());
    }

    #[inline(never)]
    fn another(recorder: &mut Recorder, block: usize, size: usize) {
        recorder.allocated(block, size, &Here::new());
        std::hint::black_box((block, size));
    }

    #[test]
    fn blocks_are_counted_by_their_stacks_to_their_end() {
        let mut recorder = Recorder::new(Bounds::USUAL);
        for turn in 0..2 {
            one(&mut recorder, 8, 100);
            another(&mut recorder, 16, 50);
            recorder.freed(8);
            // Of a block that was there before, nothing is known.
            recorder.freed(1_000 + turn);
            one(&mut recorder, 8, 10);
            recorder.freed(8);
            recorder.freed(16);
        }
        another(&mut recorder, 16, 30);
        recorder.stop();
        let all = recorder.all;
        assert_eq!((all.blocks, all.bytes), (7, 350));
        assert_eq!((all.most, all.now), (held(2, 150), held(1, 30)));
        let points: Vec<_> = recorder.points().collect();
        // `one` is called at two places.
        let figures: Vec<_> = points
            .iter()
            .map(|(_, point)| {
                (
                    point.figures.blocks,
                    point.figures.most,
                    recorder.at_peak(point),
                )
            })
            .collect();
        let expected = [
            (2, held(1, 100), held(1, 100)),
            (2, held(1, 50), held(1, 50)),
            (2, held(1, 10), held(0, 0)),
            (1, held(1, 30), held(0, 0)),
        ];
        assert_eq!(figures, expected);
        let lifetimes: u128 = points
            .iter()
            .map(|(_, point)| point.figures.lifetimes_ns)
            .sum();
        assert_eq!(lifetimes, all.lifetimes_ns);
        assert!(lifetimes > 0);
    }

    #[test]
    fn a_block_that_moves_is_one_more_and_of_its_first_stack() {
        let mut recorder = Recorder::new(Bounds::USUAL);
        one(&mut recorder, 8, 100);
        let was = recorder.moving(8);
        recorder.moved(24, 300, was, &Here::new());
        let was = recorder.moving(24);
        recorder.moved(24, 20, was, &Here::new());
        // It could not be moved.
        let was = recorder.moving(24);
        recorder.kept(24, was);
        recorder.stop();
        let all = recorder.all;
        assert_eq!((all.blocks, all.bytes, all.reallocs), (3, 420, 2));
        assert_eq!((all.most, all.now), (held(1, 300), held(1, 20)));
        assert_eq!(recorder.points().count(), 1);
    }

    #[test]
    fn past_the_bounds_totals_stay() {
        let bounds = Bounds {
            walks: 5,
            stacks: 1,
            live: 2,
        };
        let mut recorder = Recorder::new(bounds);
        for turn in 0..10 {
            let block = 8 * (turn + 1);
            one(&mut recorder, block, 100);
            another(&mut recorder, block + 1_000, 1);
            recorder.freed(block);
            recorder.freed(block + 1_000);
        }
        for block in 0..3 {
            one(&mut recorder, 8 + 8 * block, 100);
        }
        recorder.stop();
        let all = recorder.all;
        assert_eq!((all.blocks, all.bytes), (23, 1_310));
        assert_eq!((recorder.lost, all.now), (1, held(2, 200)));
        let points: Vec<_> = recorder
            .points()
            .map(|(stack, point)| (stack.len(), point))
            .collect();
        let [(0, without), (1.., first)] = &points[..] else {
            panic!("{points:?}");
        };
        assert_eq!((first.figures.blocks, without.figures.blocks), (3, 20));
    }

    #[test]
    fn a_stack_is_cut_where_the_buffer_ends_and_has_its_inner_frames() {
        #[inline(never)]
        fn deep(recorder: &mut Recorder, depth: usize) -> usize {
            match depth {
                0 => one(recorder, 8, 1),
                _ => return deep(recorder, depth - 1) + std::hint::black_box(1),
            }
            0
        }
        let mut recorder = Recorder::new(Bounds::USUAL);
        deep(&mut recorder, 2_000);
        let stacks: Vec<usize> = recorder.points().map(|(stack, _)| stack.len()).collect();
        assert_eq!(stacks, [super::super::walk::MAX_FRAMES]);
    }
}

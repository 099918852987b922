//! The places in the user's code that a profile's allocations came from.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::profile::{Profile, Stack};
use super::walk::End;
use crate::figures::{Heap, HeapSite, Symbols};
use hotbench_guard::hints::{Grown, Hint};
use hotbench_guard::symbols::{self, Frame};

/// Sites of most bytes, and of most blocks, that are shown. DHAT's file has all stacks.
const SHOWN: usize = 10;

/// What stacks have in common that are one site.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    place: Option<(std::path::PathBuf, usize)>,
    function: Option<String>,
    /// Of code without a name, the innermost.
    address: Option<usize>,
    // Without places, what is done there keeps sites apart.
    hint: Option<Hint>,
}

/// Returns what so many calls of `case` allocated, with the sites that allocated most. The caller says in which file
/// all stacks are.
pub(crate) fn sites(profile: &Profile, case: &str, calls: u64) -> Heap {
    let mut sites: Vec<Site> = Vec::new();
    let mut indices: HashMap<Key, usize> = HashMap::new();
    for stack in profile
        .stacks
        .iter()
        .filter(|stack| !stack.addresses.is_empty())
    {
        let resolved = symbols::programs_stack(&stack.addresses);
        let frame = match &resolved {
            Some(resolved) => resolved.users_frame(),
            // All that is known is who was called.
            None => Frame {
                function: Some(case.to_owned()),
                place: None,
            },
        };
        let hint = Hint::of(
            resolved
                .as_ref()
                .unwrap_or(&symbols::stack(&stack.addresses)),
        );
        let address = (frame == Frame::default()).then(|| stack.addresses[0]);
        let place = frame.place.as_ref();
        let key = Key {
            place: place.map(|place| (place.file.clone(), place.line)),
            function: frame.function.clone(),
            address,
            hint: hint.filter(|_| place.is_none()),
        };
        let index = *indices.entry(key).or_insert_with(|| {
            sites.push(Site::new(frame, address, hint));
            sites.len() - 1
        });
        sites[index].add(stack);
    }
    let all = &profile.all;
    let counted = |is_among: &dyn Fn(&Stack) -> bool| {
        let among = profile.stacks.iter().filter(|stack| is_among(stack));
        among.map(|stack| stack.figures.blocks).sum::<u64>()
    };
    let number = sites.len();
    let symbols = symbols_of(&sites);
    Heap {
        calls,
        blocks: all.blocks,
        bytes: all.bytes,
        max_blocks: all.most.blocks,
        max_bytes: all.most.bytes,
        end_blocks: all.now.blocks,
        end_bytes: all.now.bytes,
        mean_lifetime_ns: mean(all.lifetimes_ns, all.blocks),
        file: None,
        not_written: None,
        symbols,
        without_stack: counted(&Stack::is_none),
        not_followed: profile.lost,
        cut_stacks: counted(&|stack| stack.end == End::Cut),
        broken_stacks: counted(&|stack| stack.end == End::Unknown),
        number_of_sites: number,
        sites: most(sites).into_iter().map(Site::shown).collect(),
    }
}

/// Those of most bytes and those of most blocks, most bytes first.
fn most(mut sites: Vec<Site>) -> Vec<Site> {
    sites.sort_by_key(|site| Reverse(site.blocks));
    let blocks = sites.get(SHOWN - 1).map_or(0, |site| site.blocks);
    sites.sort_by_key(|site| (Reverse(site.bytes), Reverse(site.blocks)));
    let rest = sites.split_off(SHOWN.min(sites.len()));
    let many = rest.into_iter().filter(|site| site.blocks >= blocks);
    sites.extend(many.take(SHOWN));
    sites
}

fn symbols_of(sites: &[Site]) -> Symbols {
    if sites.iter().any(|site| site.frame.place.is_some()) || sites.is_empty() {
        Symbols::Lines
    } else if sites.iter().any(|site| site.frame.function.is_some()) {
        Symbols::Names
    } else {
        Symbols::None
    }
}

fn mean(lifetimes_ns: u128, blocks: u64) -> Option<f64> {
    (blocks > 0).then(|| lifetimes_ns as f64 / blocks as f64)
}

struct Site {
    frame: Frame,
    address: Option<usize>,
    hint: Option<Hint>,
    blocks: u64,
    bytes: u64,
    reallocs: u64,
    lifetimes_ns: u128,
    end_bytes: u64,
}

impl Site {
    fn new(frame: Frame, address: Option<usize>, hint: Option<Hint>) -> Self {
        Self {
            frame,
            address,
            hint,
            blocks: 0,
            bytes: 0,
            reallocs: 0,
            lifetimes_ns: 0,
            end_bytes: 0,
        }
    }

    fn add(&mut self, stack: &Stack) {
        self.blocks += stack.figures.blocks;
        self.bytes = self.bytes.saturating_add(stack.figures.bytes);
        self.reallocs += stack.figures.reallocs;
        self.lifetimes_ns += stack.figures.lifetimes_ns;
        self.end_bytes += stack.figures.now.bytes;
    }

    fn shown(self) -> HeapSite {
        let grown = Grown {
            reallocs: self.reallocs,
            bytes: self.bytes,
        };
        let Frame { function, place } = self.frame;
        HeapSite {
            function: function.as_deref().map(symbols::plain),
            file: place.as_ref().map(|place| symbols::shown(&place.file)),
            line: place.as_ref().map(|place| place.line),
            address: self.address.map(|address| format!("{address:#x}")),
            blocks: self.blocks,
            bytes: self.bytes,
            end_bytes: self.end_bytes,
            mean_lifetime_ns: mean(self.lifetimes_ns, self.blocks),
            hint: self.hint.map(|hint| hint.text(grown, false)),
        }
    }
}

//! The ways to a recording's allocations: what is matched with those of another version of the program, in which
//! lines have moved.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::profile::Profile;
use hotbench_guard::symbols::{self, Frame};

/// The functions from the one that allocated out to the case, and the place of the innermost of the user's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// As far as they have names.
    pub functions: Vec<Function>,
    /// Its name, if that is known.
    pub function: Option<String>,
    /// The file of the call, relative to the workspace.
    pub file: Option<String>,
    /// The line of the call, from 1.
    pub line: Option<usize>,
    /// The source line, where it can be read.
    pub text: Option<String>,
    /// In all calls.
    pub blocks: u64,
    /// That were asked for: of a `realloc`, what it has added.
    pub bytes: u64,
}

/// A function by what an edit above it leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Function {
    /// Without generic arguments and closures.
    pub name: String,
    /// Of one that is the user's own: relative to the package, which may have been elsewhere.
    pub file: Option<String>,
}

/// All ways of a profile of `case`, each once; `package` is the folder in which it was compiled.
pub(crate) fn ways(profile: &Profile, case: &str, package: &Path) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let mut indices: HashMap<(Vec<Function>, Option<usize>), usize> = HashMap::new();
    let mut texts = Texts::default();
    let stacks = profile.stacks.iter();
    for stack in stacks.filter(|stack| !stack.addresses.is_empty()) {
        let resolved = symbols::programs_stack(&stack.addresses);
        let (functions, users) = match &resolved {
            Some(resolved) => (
                functions(resolved.frames(), package),
                resolved.users_frame(),
            ),
            // Inlined into the harness's without a trace.
            None => (
                Vec::new(),
                Frame {
                    function: Some(case.to_owned()),
                    place: None,
                },
            ),
        };
        let line = users.place.as_ref().map(|place| place.line);
        let index = *indices.entry((functions, line)).or_insert_with_key(|key| {
            let place = users.place.as_ref();
            ways.push(Way {
                functions: key.0.clone(),
                function: users.function.as_deref().map(symbols::plain),
                file: place.map(|place| symbols::shown(&place.file)),
                line,
                text: place.and_then(|place| texts.line(&place.file, place.line)),
                blocks: 0,
                bytes: 0,
            });
            ways.len() - 1
        });
        ways[index].blocks += stack.figures.blocks;
        ways[index].bytes += stack.figures.asked;
    }
    ways
}

fn functions(frames: &[Frame], package: &Path) -> Vec<Function> {
    let function = |frame: &Frame| {
        let name = symbols::plain(frame.function.as_ref()?);
        let place = frame.place.as_ref().filter(|_| symbols::is_users(frame));
        let file = place.map(|place| match place.file.strip_prefix(package) {
            Ok(inside) => inside.display().to_string(),
            Err(_) => symbols::shown(&place.file),
        });
        Some(Function { name, file })
    };
    frames.iter().filter_map(function).collect()
}

/// The lines of source files, each of which is read once.
#[derive(Default)]
struct Texts(HashMap<std::path::PathBuf, Vec<String>>);

impl Texts {
    fn line(&mut self, file: &Path, line: usize) -> Option<String> {
        let lines = self.0.entry(file.to_owned()).or_insert_with(|| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            text.lines().map(|line| line.trim().to_owned()).collect()
        });
        lines.get(line.checked_sub(1)?).cloned()
    }
}

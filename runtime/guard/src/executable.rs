//! Which file this process was started from.

use std::path::PathBuf;

/// The argument that makes an executable a worker; no user writes it.
pub const WORKER: &str = "--hotbench-child";

/// The file that this process was started from, as it was named then: something else may have that name now.
///
/// `std::env::current_exe` names the runner's file if the program was started by one that loads it into its own
/// process, such as a dynamic loader. A worker that runs a copy is called by the name of the original.
pub fn path() -> Option<PathBuf> {
    let loaded = containing(path as *const () as usize);
    let named = || {
        let mut arguments = std::env::args_os();
        let name = arguments.next().map(PathBuf::from);
        name.filter(|name| arguments.next().is_some_and(|it| it == WORKER) && name.is_absolute())
    };
    let found = || std::env::current_exe().ok().map(without_mark);
    loaded.or_else(named).or_else(found)
}

/// The file that is mapped at an address of this process.
#[cfg(target_os = "linux")]
pub fn containing(address: usize) -> Option<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    // Miri ends a program that asks for files.
    if cfg!(miri) {
        return None;
    }
    let maps = std::fs::read("/proc/self/maps").ok()?;
    let path = mapped_at(&maps, address)?;
    Some(without_mark(PathBuf::from(OsStr::from_bytes(path))))
}

#[cfg(not(target_os = "linux"))]
pub fn containing(_: usize) -> Option<PathBuf> {
    None
}

/// The path of a line of proc_pid_maps(5) whose addresses include this one: `START-END PERMISSIONS OFFSET DEVICE INODE
/// PATH`, the path after spaces.
#[cfg(any(target_os = "linux", test))]
fn mapped_at(maps: &[u8], address: usize) -> Option<&[u8]> {
    let lines = maps.split(|&byte| byte == b'\n');
    lines.into_iter().find_map(|line| {
        let text = line.splitn(2, |&byte| byte == b' ').next()?;
        let (start, end) = std::str::from_utf8(text).ok()?.split_once('-')?;
        let address_of = |text| usize::from_str_radix(text, 16).ok();
        let is_there = (address_of(start)?..address_of(end)?).contains(&address);
        let path = line.iter().position(|&byte| byte == b'/')?;
        is_there.then(|| &line[path..])
    })
}

/// The path without what Linux appends to that of a file that has been removed.
pub fn without_mark(path: PathBuf) -> PathBuf {
    let shown = path.as_os_str().as_encoded_bytes();
    match shown.strip_suffix(b" (deleted)") {
        // A file may have such a name.
        Some(bare) if !path.exists() => {
            // SAFETY: the bytes are those of an `OsStr`, cut before a character of ASCII.
            let bare = unsafe { std::ffi::OsStr::from_encoded_bytes_unchecked(bare) };
            PathBuf::from(bare)
        }
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{mapped_at, path, without_mark};

    #[test]
    fn a_program_knows_its_file() {
        let by_std = std::env::current_exe().expect("it has one");
        assert_eq!(path(), Some(by_std));
    }

    #[test]
    fn a_mapped_file_is_found_by_any_address_of_it() {
        let maps = b"\
55d0-55e0 r--p 00000000 fe:01 42                         /t/debug/deps/my app-1 (deleted)
55e0-55f0 rw-p 00000000 00:00 0
7f00-7f10 r-xp 00000000 fe:01 43                         /lib/libc.so.6
";
        let found = |address| mapped_at(maps, address);
        assert_eq!(
            found(0x55d8),
            Some(&b"/t/debug/deps/my app-1 (deleted)"[..])
        );
        assert_eq!(found(0x55e0), None);
        assert_eq!(found(0x7f0f), Some(&b"/lib/libc.so.6"[..]));
        assert_eq!(found(0x7f10), None);
    }

    #[test]
    fn a_removed_file_keeps_its_name() {
        let removed = PathBuf::from("/no such folder/app-1 (deleted)");
        assert_eq!(
            without_mark(removed),
            PathBuf::from("/no such folder/app-1")
        );
    }
}

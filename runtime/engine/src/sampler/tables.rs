//! The unwind tables of the program and of its libraries, as they are in memory: they are there without debug
//! information, in stripped programs, and with `panic = "abort"`, and need no frame pointers.

use std::ffi::CStr;
use std::ops::Range;
use std::ptr;
use std::slice;

use framehop::{
    ExplicitModuleSectionInfo, Module, MustNotAllocateDuringUnwind, Unwinder as _, UnwinderNative,
};

pub(super) type Unwinder = UnwinderNative<&'static [u8], MustNotAllocateDuringUnwind>;

/// What is loaded now. Of what is loaded later nothing is known but frame pointers.
pub(super) fn unwinder() -> Unwinder {
    let mut unwinder = Unwinder::new();
    // SAFETY: `add` gets back the unwinder, which nobody else has meanwhile.
    unsafe { libc::dl_iterate_phdr(Some(add), ptr::from_mut(&mut unwinder).cast()) };
    unwinder
}

/// Called by the dynamic linker for each object.
unsafe extern "C" fn add(
    info: *mut libc::dl_phdr_info,
    _: libc::size_t,
    unwinder: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: this is what `unwinder` has passed.
    let unwinder = unsafe { &mut *unwinder.cast::<Unwinder>() };
    // SAFETY: the linker passes an object that is loaded.
    if let Some(module) = unsafe { module(&*info) } {
        unwinder.add_module(module);
    }
    0
}

/// # Safety
///
/// The object is loaded, and stays so.
unsafe fn module(info: &libc::dl_phdr_info) -> Option<Module<&'static [u8]>> {
    // SAFETY: the linker says where the headers are.
    let headers = unsafe { slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let base = info.dlpi_addr;
    let range = |header: &libc::Elf64_Phdr| header.p_vaddr..header.p_vaddr + header.p_memsz;
    let loaded = || {
        let segments = headers.iter().filter(|h| h.p_type == libc::PT_LOAD);
        segments.map(range)
    };
    let whole = loaded().map(|r| r.start).min()?..loaded().map(|r| r.end).max()?;
    let index = headers.iter().find(|h| h.p_type == libc::PT_GNU_EH_FRAME)?;
    let index = range(index);
    // SAFETY: the index is loaded.
    let index_bytes = unsafe { bytes(base, &index) };
    let tables_start = tables_start(index_bytes, index.start)?;
    let segment = loaded().find(|segment| segment.contains(&tables_start))?;
    // They end with an entry of no length; where that is, only the section's header says.
    let tables = tables_start..segment.end;
    let name = if info.dlpi_name.is_null() {
        String::new()
    } else {
        // SAFETY: it is a C string.
        let name = unsafe { CStr::from_ptr(info.dlpi_name) };
        name.to_string_lossy().into_owned()
    };
    let sections = ExplicitModuleSectionInfo {
        base_svma: 0,
        // SAFETY: the segment is loaded.
        eh_frame: Some(unsafe { bytes(base, &tables) }),
        eh_frame_svma: Some(tables),
        eh_frame_hdr: Some(index_bytes),
        eh_frame_hdr_svma: Some(index),
        ..Default::default()
    };
    let addresses = base.wrapping_add(whole.start)..base.wrapping_add(whole.end);
    Some(Module::new(name, addresses, base, sections))
}

/// # Safety
///
/// The range is loaded so far from `base`, and stays so.
unsafe fn bytes(base: u64, range: &Range<u64>) -> &'static [u8] {
    let start = base.wrapping_add(range.start) as *const u8;
    let len = (range.end - range.start) as usize;
    // SAFETY: by the caller's promise.
    unsafe { slice::from_raw_parts(start, len) }
}

/// Where the tables begin, by the index at `address`, whose format the Linux Standard Base describes under
/// `.eh_frame_hdr`. All linkers write it with a distance of four bytes.
fn tables_start(index: &[u8], address: u64) -> Option<u64> {
    const VERSION: u8 = 1;
    const RELATIVE_IN_4_BYTES: u8 = 0x1b;
    const DISTANCE_AT: u64 = 4;
    let ([VERSION, RELATIVE_IN_4_BYTES, ..], Some(distance)) = (index, index.get(4..8)) else {
        return None;
    };
    let distance = i32::from_ne_bytes(distance.try_into().ok()?);
    Some((address + DISTANCE_AT).wrapping_add_signed(distance.into()))
}

#[cfg(test)]
mod tests {
    use super::tables_start;

    #[test]
    fn the_index_says_where_the_tables_begin() {
        let distance = (-0x10_i32).to_ne_bytes();
        let mut index = vec![1, 0x1b, 0x03, 0x3b];
        index.extend(distance);
        assert_eq!(tables_start(&index, 0x1000), Some(0xff4));
        index[1] = 0xff;
        assert_eq!(tables_start(&index, 0x1000), None);
        assert_eq!(tables_start(&[1, 0x1b], 0x1000), None);
    }
}

//! The frames of a stack, by the unwind tables of the program: each row is looked up once, and then known by the
//! address that it is for.
//!
//! `_Unwind_Backtrace` looks each frame up each time, which takes ten times as long.

use std::arch::asm;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::slice;

use gimli::{
    BaseAddresses, CfaRule, EhFrame, EhFrameHdr, EndianSlice, NativeEndian, ParsedEhFrameHdr,
    Pointer, Register, RegisterRule, UnwindContext, UnwindSection,
};

use super::unwind_elsewhere;

/// Rows that are known at a time. A power of two.
const KNOWN: usize = 8_192;

// DWARF's numbers of registers.
#[cfg(target_arch = "x86_64")]
const FRAME_POINTER: Register = Register(6);
#[cfg(target_arch = "x86_64")]
const STACK_POINTER: Register = Register(7);
#[cfg(target_arch = "x86_64")]
const RETURN_ADDRESS: Register = Register(16);
#[cfg(target_arch = "aarch64")]
const FRAME_POINTER: Register = Register(29);
#[cfg(target_arch = "aarch64")]
const STACK_POINTER: Register = Register(31);
#[cfg(target_arch = "aarch64")]
const RETURN_ADDRESS: Register = Register(30);

/// What a frame is left by.
#[derive(Debug, Clone, Copy)]
struct Registers {
    instruction: usize,
    stack: usize,
    frame: usize,
}

impl Registers {
    /// Those of the function that this is inlined into.
    #[inline(always)]
    fn here() -> Self {
        let (instruction, stack, frame): (usize, usize, usize);
        // SAFETY: registers are read, and nothing else is touched.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            asm!(
                "lea {0}, [rip]", "mov {1}, rsp", "mov {2}, rbp",
                out(reg) instruction, out(reg) stack, out(reg) frame,
                options(nomem, nostack, preserves_flags)
            );
            #[cfg(target_arch = "aarch64")]
            asm!(
                "adr {0}, .", "mov {1}, sp", "mov {2}, x29",
                out(reg) instruction, out(reg) stack, out(reg) frame,
                options(nomem, nostack, preserves_flags)
            );
        }
        Self {
            instruction,
            stack,
            frame,
        }
    }
}

/// How a frame is left, as far as code is compiled.
#[derive(Debug, Clone, Copy)]
enum Row {
    /// Offsets from the canonical frame address, which is one from a register.
    Plain {
        from_frame_pointer: bool,
        cfa: i32,
        return_address: i32,
        /// Where the frame pointer was saved, if it was.
        frame_pointer: Option<i32>,
    },
    /// The outermost frame, or one that is not understood.
    End,
}

/// Where there is no table: code with frame pointers, if anything.
const BY_FRAME_POINTER: Row = Row::Plain {
    from_frame_pointer: true,
    cfa: 16,
    return_address: -8,
    frame_pointer: Some(-16),
};

/// The program's tables, and what is known of them.
pub(super) struct Unwinder {
    modules: Vec<Module>,
    context: UnwindContext<usize>,
    known: Box<[(usize, Row)]>,
}

impl std::fmt::Debug for Unwinder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unwinder").finish_non_exhaustive()
    }
}

impl Unwinder {
    pub(super) fn new() -> Self {
        Self {
            modules: modules(),
            context: UnwindContext::new(),
            known: vec![(0, Row::End); KNOWN].into_boxed_slice(),
        }
    }

    /// Passes the instruction and the stack pointer of each frame to `visit`, from that of this function on, as
    /// long as it wants more.
    #[inline(never)]
    pub(super) fn walk(&mut self, mut visit: impl FnMut(usize, usize) -> bool) {
        let mut registers = Registers::here();
        let stack = this_stack();
        if !(stack.start..stack.end).contains(&registers.stack) {
            // Somebody switches stacks.
            return unwind_elsewhere::walk(visit);
        }
        while visit(registers.instruction, registers.stack) {
            match self.step(registers, stack.end) {
                Some(around) => registers = around,
                None => break,
            }
        }
    }

    /// The frame around that of `registers`, if its return address is in the stack that ends at `end`.
    #[inline(always)]
    fn step(&mut self, registers: Registers, end: usize) -> Option<Registers> {
        let Row::Plain {
            from_frame_pointer,
            cfa,
            return_address,
            frame_pointer,
        } = self.row(registers.instruction)
        else {
            return None;
        };
        let from = if from_frame_pointer {
            registers.frame
        } else {
            registers.stack
        };
        let cfa = from.checked_add_signed(cfa as isize)?;
        // Outwards, so that it ends, and inside the stack.
        if cfa <= registers.stack || cfa > end {
            return None;
        }
        let word = |offset: i32| {
            let address = cfa.checked_add_signed(offset as isize)?;
            let is_inside = address >= registers.stack && address + size_of::<usize>() <= end;
            // SAFETY: an aligned word between the stack pointer of a frame and the end of its stack, which is
            // this thread's and so is there, and may be read as an integer whatever it holds.
            (is_inside && address.is_multiple_of(align_of::<usize>()))
                .then(|| unsafe { *(address as *const usize) })
        };
        let instruction = word(return_address).filter(|&address| address != 0)?;
        Some(Registers {
            instruction,
            stack: cfa,
            frame: match frame_pointer {
                Some(offset) => word(offset)?,
                None => registers.frame,
            },
        })
    }

    #[inline]
    fn row(&mut self, address: usize) -> Row {
        // Fibonacci hashing: the upper bits of the product.
        let hash = (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let index = (hash >> (64 - KNOWN.trailing_zeros())) as usize;
        let (known, row) = self.known[index];
        if known == address {
            return row;
        }
        let row = self.look_up(address);
        self.known[index] = (address, row);
        row
    }

    #[cold]
    fn look_up(&mut self, address: usize) -> Row {
        // A call may be the last thing that a function does: what comes after is another's.
        let call = (address - 1) as u64;
        let mut modules = self.modules.iter();
        let Some(module) = modules.find(|module| module.contains(address)) else {
            return BY_FRAME_POINTER;
        };
        let table = module.header.table();
        let row = table.ok_or(gimli::Error::NoUnwindInfoForAddress);
        let row = row.and_then(|table| {
            table.unwind_info_for_address(
                &module.frames,
                &module.bases,
                &mut self.context,
                call,
                EhFrame::cie_from_offset,
            )
        });
        let Ok(row) = row else {
            return BY_FRAME_POINTER;
        };
        let offset = |register| match row.register(register) {
            Some(RegisterRule::Offset(offset)) => i32::try_from(offset).ok(),
            _ => None,
        };
        let (cfa, return_address) = match (row.cfa(), offset(RETURN_ADDRESS)) {
            (CfaRule::RegisterAndOffset { register, offset }, Some(return_address)) => {
                let Ok(offset) = i32::try_from(*offset) else {
                    return Row::End;
                };
                ((*register, offset), return_address)
            }
            _ => return Row::End,
        };
        match cfa.0 {
            FRAME_POINTER | STACK_POINTER => Row::Plain {
                from_frame_pointer: cfa.0 == FRAME_POINTER,
                cfa: cfa.1,
                return_address,
                frame_pointer: offset(FRAME_POINTER),
            },
            _ => Row::End,
        }
    }
}

/// Where this thread's stack is.
#[derive(Debug, Clone, Copy)]
struct Stack {
    start: usize,
    end: usize,
}

thread_local! {
    static STACK: Cell<Option<Stack>> = const { Cell::new(None) };
}

fn this_stack() -> Stack {
    STACK.get().unwrap_or_else(|| {
        let stack = ask_for_stack();
        STACK.set(Some(stack));
        stack
    })
}

/// None that anything is in, where the system does not tell.
#[cold]
fn ask_for_stack() -> Stack {
    let mut start = std::ptr::null_mut();
    let mut size = 0;
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: of this thread, which is there; the attributes are read and destroyed only if they were written.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) == 0 {
            libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut start, &raw mut size);
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
    }
    let start = start.addr();
    Stack {
        start,
        end: start + size,
    }
}

type Bytes = EndianSlice<'static, NativeEndian>;

/// The executable, or a library of it.
struct Module {
    start: usize,
    end: usize,
    header: ParsedEhFrameHdr<Bytes>,
    frames: EhFrame<Bytes>,
    bases: BaseAddresses,
}

impl Module {
    fn contains(&self, address: usize) -> bool {
        (self.start..self.end).contains(&address)
    }
}

fn modules() -> Vec<Module> {
    unsafe extern "C" fn add(
        info: *mut libc::dl_phdr_info,
        _: usize,
        modules: *mut c_void,
    ) -> c_int {
        // SAFETY: the loader passes a description of a module that is loaded, and what it was given.
        let (info, modules) = unsafe { (&*info, &mut *modules.cast::<Vec<Module>>()) };
        modules.extend(module(info));
        0
    }

    let mut modules: Vec<Module> = Vec::new();
    // SAFETY: `add` takes the vector for what it is, and keeps nothing.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut modules).cast()) };
    modules
}

/// The tables of a module, if it has any. They are taken to stay: a program that unloads a library has no frames
/// in it.
fn module(info: &libc::dl_phdr_info) -> Option<Module> {
    // SAFETY: the loader's own count of its own headers.
    let headers = unsafe { slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let base = info.dlpi_addr as usize;
    let range = |header: &libc::Elf64_Phdr| {
        let start = base + header.p_vaddr as usize;
        start..start + header.p_memsz as usize
    };
    let loaded = || {
        headers
            .iter()
            .filter(|header| header.p_type == libc::PT_LOAD)
    };
    let start = loaded().map(|header| range(header).start).min()?;
    let end = loaded().map(|header| range(header).end).max()?;
    let header = headers
        .iter()
        .find(|header| header.p_type == libc::PT_GNU_EH_FRAME)?;
    let header = range(header);
    // SAFETY: a segment that the loader has mapped for as long as the module is there, and that nobody writes to.
    let bytes = |range: std::ops::Range<usize>| unsafe {
        EndianSlice::new(
            slice::from_raw_parts(range.start as *const u8, range.len()),
            NativeEndian,
        )
    };
    let bases = BaseAddresses::default().set_eh_frame_hdr(header.start as u64);
    let word = size_of::<usize>() as u8;
    let parsed = EhFrameHdr::from(bytes(header)).parse(&bases, word).ok()?;
    let Pointer::Direct(frames) = parsed.eh_frame_ptr() else {
        return None;
    };
    let frames = frames as usize;
    // Its length stands nowhere: it ends before its segment does.
    let segment = loaded().map(range).find(|range| range.contains(&frames))?;
    Some(Module {
        start,
        end,
        header: parsed,
        frames: EhFrame::from(bytes(frames..segment.end)),
        bases: bases.set_eh_frame(frames as u64),
    })
}

//! What a program asks of the Valgrind that it runs under: client requests, as Valgrind's manual (3.1) has
//! them. Elsewhere they do nothing, in a few instructions.

/// Requests of Callgrind begin with two letters of it (its manual, 6.5).
const CALLGRIND: usize = (b'C' as usize) << 24 | (b'T' as usize) << 16;

#[derive(Debug, Clone, Copy)]
pub(super) enum Request {
    /// How many Valgrinds the program runs under.
    RunningOnValgrind = 0x1001,
    /// Writes what was counted to a file, and begins with nothing.
    DumpStats = CALLGRIND as isize,
    ZeroStats = CALLGRIND as isize + 1,
    StartInstrumentation = CALLGRIND as isize + 4,
    StopInstrumentation = CALLGRIND as isize + 5,
}

/// The answer, or 0 where nobody answers.
pub(super) fn ask(request: Request) -> usize {
    let arguments = [request as usize, 0, 0, 0, 0, 0];
    sequence(&arguments)
}

/// The instructions that Valgrind looks for. Together they change nothing: the rotations add up to whole turns.
#[cfg(target_arch = "x86_64")]
fn sequence(arguments: &[usize; 6]) -> usize {
    let mut answer = 0;
    // SAFETY: of what the instructions touch, `rdi` comes out as it went in, and Valgrind puts its answer in
    // `rdx`; it reads the arguments, which are there.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") answer,
            out("rdi") _,
            options(nostack),
        );
    }
    answer
}

#[cfg(target_arch = "aarch64")]
fn sequence(arguments: &[usize; 6]) -> usize {
    let mut answer = 0;
    // SAFETY: of what the instructions touch, `x12` comes out as it went in, and Valgrind puts its answer in
    // `x3`; it reads the arguments, which are there.
    unsafe {
        std::arch::asm!(
            "ror x12, x12, #3",
            "ror x12, x12, #13",
            "ror x12, x12, #51",
            "ror x12, x12, #61",
            "orr x10, x10, x10",
            in("x4") arguments.as_ptr(),
            inout("x3") answer,
            out("x12") _,
            options(nostack),
        );
    }
    answer
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn sequence(_: &[usize; 6]) -> usize {
    0
}

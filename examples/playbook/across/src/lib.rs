//! One step of the FNV-1a hash, three times: what a caller in another crate sees of each differs.

const PRIME: u64 = 0x0100_0000_01b3;

/// What a hash begins with.
pub const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// A call, wherever the caller is.
#[inline(never)]
#[must_use]
pub fn step_called(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

/// Left to the compiler: since Rust 1.75 it hands small functions that call nothing to other crates by itself.
#[must_use]
pub fn step_unmarked(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

/// Its body goes to every crate that calls it.
#[inline]
#[must_use]
pub fn step_inline(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::{BASIS, step_called, step_inline, step_unmarked};

    #[test]
    fn all_take_the_same_step() {
        // FNV's own test vector for "a".
        assert_eq!(step_called(BASIS, b'a'), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(step_unmarked(BASIS, b'a'), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(step_inline(BASIS, b'a'), 0xaf63_dc4c_8601_ec8c);
    }
}

//! What is to be measured, before anything is written for it.

/// The method and the path of a request.
pub(crate) fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?))
}

pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(1, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
}

pub(crate) fn sorted(mut numbers: Vec<u64>) -> Vec<u64> {
    numbers.sort_unstable();
    numbers
}

pub(crate) fn csv_row(fields: &[&str], row: &mut String) {
    row.clear();
    for field in fields {
        row.push_str(field);
        row.push(',');
    }
}

pub(crate) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

pub(crate) fn numbers() -> Vec<u64> {
    (0..1_000).map(|n| n * 7_919 % 1_000).collect()
}

pub(crate) const TEXT: &str = "the quick brown fox jumps over the lazy dog";

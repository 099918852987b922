//! `async` and plain functions for work that waits for nothing: the day's bytes by class of status.

use std::pin::Pin;

use hotbench::{bench_case, no_alloc};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// Bytes of the responses by the first digit of their status.
pub type Classes = [u64; 6];

/// The bytes by class: each entry is a future, which is awaited where it is.
#[no_alloc]
#[bench_case(group = "awaiting", baseline, args(&sample::parsed()), no_alloc)]
pub async fn classes_awaited(entries: &[Entry<'_>]) -> Classes {
    let mut classes = Classes::default();
    for entry in entries {
        let (class, bytes) = class_async(entry).await;
        classes[class] += bytes;
    }
    classes
}

/// The bytes by class: each entry is a future in a box, of which no more is known, as behind a `dyn` trait.
#[bench_case(group = "awaiting", args(&sample::parsed()))]
pub async fn classes_boxed(entries: &[Entry<'_>]) -> Classes {
    let mut classes = Classes::default();
    for entry in entries {
        let (class, bytes) = class_boxed(entry).await;
        classes[class] += bytes;
    }
    classes
}

/// The bytes by class, without futures.
#[no_alloc]
#[bench_case(group = "awaiting", args(&sample::parsed()), no_alloc)]
pub fn classes_plain(entries: &[Entry<'_>]) -> Classes {
    let mut classes = Classes::default();
    for entry in entries {
        let (class, bytes) = class(entry);
        classes[class] += bytes;
    }
    classes
}

fn class_boxed<'a>(entry: &'a Entry<'_>) -> Pin<Box<dyn Future<Output = (usize, u64)> + 'a>> {
    Box::pin(class_async(entry))
}

async fn class_async(entry: &Entry<'_>) -> (usize, u64) {
    class(entry)
}

fn class(entry: &Entry<'_>) -> (usize, u64) {
    let class = usize::from(entry.status / 100).min(5);
    (class, entry.bytes.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{classes_awaited, classes_boxed, classes_plain};
    use crate::sample;

    /// What a future that waits for nothing is ready with.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn all_add_up_to_the_same() {
        let entries = sample::parsed();
        let classes = classes_plain(&entries);
        assert!(classes[2] > 0);
        assert_eq!(classes, ready(classes_boxed(&entries)));
        assert_eq!(classes, ready(classes_awaited(&entries)));
    }
}

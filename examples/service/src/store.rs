//! Keys and values in memory, in parts with a lock each, so that requests rarely wait for each other.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hotbench::{bench_case, bench_cases, hot, no_alloc};

const PARTS: usize = 16;

type Values = HashMap<Box<str>, Arc<[u8]>>;

/// The store.
#[derive(Default)]
pub(crate) struct Store {
    hasher: RandomState,
    parts: [RwLock<Values>; PARTS],
}

#[bench_cases(with = filled::store())]
impl Store {
    /// The value of a key, shared with the store.
    #[no_alloc]
    #[bench_case("hit", args("key/500"), check = |value| assert!(value.is_some()), no_alloc)]
    #[bench_case("miss", args("key/none"), check = |value| assert!(value.is_none()), no_alloc)]
    pub(crate) fn get(&self, key: &str) -> Option<Arc<[u8]>> {
        self.read(key).get(key).cloned()
    }

    /// Sets the value of a key; whether it had none.
    #[hot(max_allocs = 3)]
    #[bench_case("again", args("key/500", b"another value"), check = |new| assert!(!new), max_allocs = 1)]
    pub(crate) fn put(&self, key: &str, value: &[u8]) -> bool {
        let value = Arc::from(value);
        let mut values = self.write(key);
        match values.get_mut(key) {
            Some(old) => {
                *old = value;
                false
            }
            None => values.insert(Box::from(key), value).is_none(),
        }
    }

    /// Removes a key; whether it was there.
    #[no_alloc]
    #[bench_case("miss", args("key/none"), check = |removed| assert!(!removed), no_alloc)]
    pub(crate) fn delete(&self, key: &str) -> bool {
        self.write(key).remove(key).is_some()
    }

    fn part(&self, key: &str) -> &RwLock<Values> {
        &self.parts[self.hasher.hash_one(key) as usize % PARTS]
    }

    // A thread that panics with a lock leaves a map that is whole: all changes are one call.
    fn read(&self, key: &str) -> RwLockReadGuard<'_, Values> {
        let values = self.part(key).read();
        values.unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, key: &str) -> RwLockWriteGuard<'_, Values> {
        let values = self.part(key).write();
        values.unwrap_or_else(PoisonError::into_inner)
    }
}

#[hotbench::bench_only]
mod filled {
    use super::Store;

    /// A store of a thousand keys.
    pub(super) fn store() -> Store {
        let store = Store::default();
        for number in 0..1_000 {
            store.put(&format!("key/{number}"), &[b'v'; 64]);
        }
        store
    }
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn a_value_is_there_until_it_is_deleted() {
        let store = Store::default();
        assert_eq!(store.get("a"), None);
        assert!(store.put("a", b"1"));
        assert!(!store.put("a", b"2"));
        assert_eq!(store.get("a").as_deref(), Some(&b"2"[..]));
        assert!(store.delete("a"));
        assert!(!store.delete("a"));
        assert_eq!(store.get("a"), None);
    }
}

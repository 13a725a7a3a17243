//! The values of one shard.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use darwin_runtime::hotpath;

use crate::command::{Command, Key, Reply, Value};

/// Values by their keys.
#[derive(Debug, Default)]
pub struct Store {
    values: HashMap<Key, Value, BuildHasherDefault<AsItIs>>,
}

impl Store {
    /// An empty store that has room for so many values before it must grow.
    pub fn with_capacity(values: usize) -> Self {
        Self { values: HashMap::with_capacity_and_hasher(values, BuildHasherDefault::default()) }
    }

    /// Carries a command out.
    #[hotpath(p50 = "2us", allocs = 0)]
    pub fn apply(&mut self, command: Command) -> Reply {
        match command {
            Command::Get(key) => self.values.get(&key).cloned(),
            Command::Put(key, value) => self.values.insert(key, value),
            Command::Remove(key) => self.values.remove(&key),
        }
    }

    /// How many keys have a value.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Has no key a value?
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Keys are random already: they are their own hash. (Where clients may choose their keys, a keyed hash must stand here.)
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn write(&mut self, bytes: &[u8]) {
        // A `Key` is hashed by `write_u64`; this is here for whoever stores another kind of key one day.
        self.0 =
            bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key(7);

    fn value(text: &str) -> Value {
        Value::copy_of(text.as_bytes())
    }

    #[test]
    fn each_command_tells_what_was_there_before() {
        let mut store = Store::default();
        assert_eq!(store.apply(Command::Get(KEY)), None);
        assert_eq!(store.apply(Command::Put(KEY, value("one"))), None);
        assert_eq!(store.apply(Command::Put(KEY, value("two"))), Some(value("one")));
        assert_eq!(store.apply(Command::Get(KEY)), Some(value("two")));
        assert_eq!(store.apply(Command::Remove(KEY)), Some(value("two")));
        assert_eq!(store.apply(Command::Remove(KEY)), None);
    }

    #[test]
    fn keys_do_not_get_in_each_others_way() {
        let mut store = Store::with_capacity(10);
        for key in 0..1_000 {
            store.apply(Command::Put(Key(key << 32), value(&key.to_string())));
        }
        assert_eq!(store.len(), 1_000);
        for key in 0..1_000 {
            assert_eq!(store.apply(Command::Get(Key(key << 32))), Some(value(&key.to_string())));
        }
    }
}

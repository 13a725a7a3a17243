//! What a client asks, and what it is told.

use std::sync::Arc;

/// The name of a value: 64 bits that are as good as random, as the id of a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(pub u64);

/// Some bytes that are never changed. A clone shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(Arc<[u8]>);

impl Value {
    /// A value with a copy of these bytes.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(Arc::from(bytes))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a client may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The value of a key.
    Get(Key),
    /// From now on this is the value of the key.
    Put(Key, Value),
    /// From now on the key has no value.
    Remove(Key),
}

/// The value that the key of a command had before it was carried out, if it had one.
pub type Reply = Option<Value>;

impl Command {
    /// The key that it is about.
    pub fn key(&self) -> Key {
        match *self {
            Self::Get(key) | Self::Put(key, _) | Self::Remove(key) => key,
        }
    }
}

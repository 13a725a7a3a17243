//! A load: callers that send command after command.

use darwin_runtime::hotpath;

use crate::client::{Client, Failure};
use crate::command::{Command, Key, Reply, Value};
use crate::random::SplitMix64;

/// Tasks that send commands at the same time: twice as many as a service has places in its queues.
const CALLERS: u64 = 128;

/// Keys of one caller.
const KEYS: u32 = 64;

/// The longest value, in bytes: a session with some state in it.
const LONGEST: u32 = 2_048;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Of 100 commands, those that put a value.
    puts: u32,
    /// Of 100 commands, those that remove one.
    removes: u32,
}

impl Mix {
    /// Sessions in a shop: looked at by every page, changed by some.
    pub const READ_MOSTLY: Self = Self { puts: 12, removes: 3 };

    /// Counters and carts: written as often as read.
    pub const WRITE_HEAVY: Self = Self { puts: 45, removes: 5 };
}

/// A sum over all replies that were got, in whatever order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// Replies.
    pub replies: u64,
    /// Those with a value.
    pub found: u64,
    /// A hash of each caller's replies, added up.
    pub hash: u64,
}

/// Callers, ready to call.
#[derive(Debug)]
pub struct Load {
    callers: Vec<Caller>,
}

impl Load {
    /// Callers of this client's service. What they send depends on seed and mix alone.
    pub fn new(client: &Client, mix: Mix, seed: u64) -> Self {
        Self { callers: (0..CALLERS).map(|number| Caller::new(client.clone(), mix, seed, number)).collect() }
    }

    /// Commands in a round in which each caller sends so many.
    pub fn commands(each: u64) -> u64 {
        CALLERS * each
    }

    /// Each caller sends so many commands, one after the other, at the same time as the others.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]. The callers that did not fail go on nevertheless; the load is not to be used again.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[hotpath]
    pub async fn round(&mut self, each: u64) -> Result<(), Failure> {
        let callers = std::mem::take(&mut self.callers);
        let tasks: Vec<_> = callers.into_iter().map(|caller| tokio::spawn(caller.send(each))).collect();
        for task in tasks {
            self.callers.push(task.await.expect("a caller never panics")?);
        }
        Ok(())
    }

    /// Of all replies so far.
    pub fn digest(&self) -> Digest {
        self.callers.iter().fold(Digest::default(), |sum, caller| sum.and(caller.digest))
    }
}

impl Digest {
    fn and(self, other: Self) -> Self {
        Self {
            replies: self.replies + other.replies,
            found: self.found + other.found,
            hash: self.hash.wrapping_add(other.hash),
        }
    }

    /// Adds the next reply of a caller.
    fn take(&mut self, reply: &Reply) {
        self.replies += 1;
        self.found += u64::from(reply.is_some());
        let length = reply.as_ref().map_or(u64::MAX, |value| value.bytes().len() as u64);
        let last = reply.as_ref().and_then(|value| value.bytes().last()).copied();
        let seen = length.rotate_left(8) ^ u64::from(last.unwrap_or(0));
        self.hash = (self.hash ^ seen).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}

/// One client that is never idle.
#[derive(Debug)]
struct Caller {
    client: Client,
    mix: Mix,
    number: u64,
    random: SplitMix64,
    /// What values are made of.
    text: Vec<u8>,
    digest: Digest,
}

impl Caller {
    fn new(client: Client, mix: Mix, seed: u64, number: u64) -> Self {
        let mut random = SplitMix64::new(seed ^ SplitMix64::new(number).next_u64());
        let text = (0..LONGEST).map(|_| random.below(256) as u8).collect();
        Self { client, mix, number, random, text, digest: Digest::default() }
    }

    /// Sends so many commands and gives itself back.
    async fn send(mut self, commands: u64) -> Result<Self, Failure> {
        for _ in 0..commands {
            let command = self.command();
            let reply = self.client.call(command).await?;
            self.digest.take(&reply);
        }
        Ok(self)
    }

    fn command(&mut self) -> Command {
        let key = self.key();
        let of_100 = self.random.below(100);
        if of_100 < self.mix.puts {
            let length = self.random.below(LONGEST) as usize;
            Command::Put(key, Value::copy_of(&self.text[..length]))
        } else if of_100 < self.mix.puts + self.mix.removes {
            Command::Remove(key)
        } else {
            Command::Get(key)
        }
    }

    /// One of its own keys, and of those the first ones most often.
    fn key(&mut self) -> Key {
        let place = self.random.below(KEYS).min(self.random.below(KEYS));
        Key(SplitMix64::new(self.number << 32 | u64::from(place)).next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Limits, Service};

    /// What a load of ten commands a caller gets, and how many values are left.
    async fn replies(limits: Limits, mix: Mix, seed: u64) -> (Digest, usize) {
        let service = Service::start(limits);
        let mut load = Load::new(&service.client(), mix, seed);
        load.round(4).await.expect("each command is answered");
        load.round(6).await.expect("each command is answered");
        let digest = load.digest();
        drop(load);
        (digest, service.stop().await)
    }

    fn on_one_thread(limits: Limits, mix: Mix, seed: u64) -> (Digest, usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime of one thread can be made").block_on(replies(limits, mix, seed))
    }

    #[test]
    fn the_seed_alone_decides_what_is_replied() {
        let limits = Limits::default();
        let once = on_one_thread(limits, Mix::READ_MOSTLY, 1);
        assert_eq!(once.0.replies, 10 * CALLERS);
        assert_eq!(on_one_thread(limits, Mix::READ_MOSTLY, 1), once);
        assert_ne!(on_one_thread(limits, Mix::READ_MOSTLY, 2), once);
        assert_ne!(on_one_thread(limits, Mix::WRITE_HEAVY, 1), once);
    }

    #[test]
    fn neither_threads_nor_shards_nor_short_queues_change_a_reply() {
        let expected = on_one_thread(Limits::default(), Mix::WRITE_HEAVY, 3);
        let narrow = Limits { shards: 1, queue: 1, values: 0, ..Limits::default() };
        assert_eq!(on_one_thread(narrow, Mix::WRITE_HEAVY, 3), expected);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
        let runtime = runtime.expect("a runtime of two threads can be made");
        assert_eq!(runtime.block_on(replies(Limits::default(), Mix::WRITE_HEAVY, 3)), expected);
    }

    #[test]
    fn a_load_on_a_service_that_has_stopped_fails() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let failed = runtime.expect("a runtime of one thread can be made").block_on(async {
            let (queue, jobs) = tokio::sync::mpsc::channel(1);
            drop(jobs);
            let client = Client::new([queue].into(), Limits::default().patience);
            Load::new(&client, Mix::READ_MOSTLY, 1).round(1).await
        });
        assert_eq!(failed, Err(Failure::Stopped));
    }
}

//! The clients' side of the queues.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use darwin_runtime::hotpath;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::command::{Command, Key, Reply};
use crate::shard::Job;

/// Sends commands to a service. A clone sends to the same service.
#[derive(Clone, Debug)]
pub struct Client {
    queues: Arc<[mpsc::Sender<Job>]>,
    patience: Duration,
}

/// Why a command got no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The client's patience ended. The command was not carried out, or will just have been.
    TimedOut,
    /// The service has stopped.
    Stopped,
}

impl Client {
    /// A client of the shards behind these queues, of which there must be one at least.
    pub(crate) fn new(queues: Arc<[mpsc::Sender<Job>]>, patience: Duration) -> Self {
        Self { queues, patience }
    }

    /// Has a command carried out, and says what the value of its key was before.
    ///
    /// # Errors
    ///
    /// [`Failure`] if there was no reply.
    #[hotpath(p50 = "1ms", allocs = 1.5)]
    pub async fn call(&self, command: Command) -> Result<Reply, Failure> {
        let queue = self.queue(command.key());
        timeout(self.patience, ask(queue, command)).await.unwrap_or(Err(Failure::TimedOut))
    }

    /// The queue of the shard that has the values of this key. (By its upper half: the store goes by the lower.)
    fn queue(&self, key: Key) -> &mpsc::Sender<Job> {
        let place = ((key.0 >> 32) * self.queues.len() as u64) >> 32;
        &self.queues[place as usize]
    }
}

/// Waits for a place in the queue, and then for the reply.
async fn ask(queue: &mpsc::Sender<Job>, command: Command) -> Result<Reply, Failure> {
    let (reply, answer) = oneshot::channel();
    queue.send(Job { command, reply }).await.map_err(|_| Failure::Stopped)?;
    answer.await.map_err(|_| Failure::Stopped)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "there was no reply in time",
            Self::Stopped => "the service has stopped",
        })
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime of one thread can be made").block_on(future)
    }

    /// A client of shards that nobody runs, and their queues' other ends.
    fn unserved(shards: usize) -> (Client, Vec<mpsc::Receiver<Job>>) {
        let (queues, jobs): (Vec<_>, _) = (0..shards).map(|_| mpsc::channel(1)).unzip();
        (Client::new(queues.into(), SHORT), jobs)
    }

    #[test]
    fn without_a_reply_patience_ends() {
        let (client, mut jobs) = unserved(1);
        assert_eq!(block_on(client.call(Command::Get(Key(1)))), Err(Failure::TimedOut));
        let job = jobs[0].try_recv().expect("it was in the queue");
        assert!(job.reply.is_closed());
    }

    #[test]
    fn without_a_place_in_the_queue_patience_ends_too() {
        let (client, mut jobs) = unserved(1);
        for _ in 0..2 {
            assert_eq!(block_on(client.call(Command::Get(Key(1)))), Err(Failure::TimedOut));
        }
        assert!(jobs[0].try_recv().is_ok() && jobs[0].try_recv().is_err());
    }

    #[test]
    fn a_service_that_has_stopped_is_told_from_one_that_is_slow() {
        let (client, jobs) = unserved(1);
        drop(jobs);
        assert_eq!(block_on(client.call(Command::Get(Key(1)))), Err(Failure::Stopped));
    }

    #[test]
    fn keys_are_spread_evenly_over_the_queues_and_a_key_keeps_its_queue() {
        let (client, mut jobs) = unserved(4);
        for quarter in 0..4 {
            let key = Key((quarter << 62) | 12345);
            assert_eq!(block_on(client.call(Command::Get(key))), Err(Failure::TimedOut));
            let job = jobs[quarter as usize].try_recv().expect("it is in the queue of its quarter");
            assert_eq!(job.command.key(), key);
        }
    }
}

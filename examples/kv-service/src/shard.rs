//! The task that owns a store.

use darwin_runtime::hotpath;
use tokio::sync::{mpsc, oneshot};

use crate::command::{Command, Reply};
use crate::store::Store;

/// A command on its way, and where its reply goes.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) command: Command,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// A store, and the queue of what is to be done to it.
#[derive(Debug)]
pub(crate) struct Shard {
    store: Store,
    jobs: mpsc::Receiver<Job>,
}

impl Shard {
    pub(crate) fn new(store: Store, jobs: mpsc::Receiver<Job>) -> Self {
        Self { store, jobs }
    }

    /// Does one job after another until there are no clients left; gives the store back.
    pub(crate) async fn run(mut self) -> Store {
        while let Some(job) = self.jobs.recv().await {
            self.serve(job);
        }
        self.store
    }

    /// Does a job, unless nobody waits for its reply any more.
    #[hotpath(p50 = "5us", allocs = 0)]
    fn serve(&mut self, job: Job) {
        if !job.reply.is_closed() {
            // The client may give up just now: then nobody wants to know.
            let _ = job.reply.send(self.store.apply(job.command));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Key, Value};

    fn shard() -> Shard {
        let (_, jobs) = mpsc::channel(1);
        Shard::new(Store::default(), jobs)
    }

    fn put() -> Command {
        Command::Put(Key(1), Value::copy_of(b"one"))
    }

    #[test]
    fn a_job_is_done_and_answered() {
        let (mut shard, (reply, mut answer)) = (shard(), oneshot::channel());
        shard.serve(Job { command: put(), reply });
        assert_eq!((answer.try_recv(), shard.store.len()), (Ok(None), 1));
    }

    #[test]
    fn a_job_whose_client_has_given_up_is_not_done() {
        let (mut shard, (reply, answer)) = (shard(), oneshot::channel());
        drop(answer);
        shard.serve(Job { command: put(), reply });
        assert!(shard.store.is_empty());
    }
}

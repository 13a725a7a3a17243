//! The shards together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::shard::Shard;
use crate::store::Store;

/// How large a service is, and how long its clients wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tasks that have a part of the values each; one at least.
    pub shards: usize,
    /// Jobs that may wait for a shard; one at least.
    pub queue: usize,
    /// Values that a shard has room for from the beginning.
    pub values: usize,
    /// How long a client waits.
    pub patience: Duration,
}

impl Default for Limits {
    /// Four shards, and a patience that only a service that hangs exhausts.
    fn default() -> Self {
        Self { shards: 4, queue: 16, values: 4_096, patience: Duration::from_secs(10) }
    }
}

/// A service that runs on tokio's current runtime.
#[derive(Debug)]
pub struct Service {
    client: Client,
    shards: Vec<JoinHandle<Store>>,
}

impl Service {
    /// Starts the shards.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(limits: Limits) -> Self {
        let channels = (0..limits.shards.max(1)).map(|_| mpsc::channel(limits.queue.max(1)));
        let (queues, jobs): (Vec<_>, Vec<_>) = channels.unzip();
        let start = |jobs| tokio::spawn(Shard::new(Store::with_capacity(limits.values), jobs).run());
        let shards = jobs.into_iter().map(start).collect();
        Self { client: Client::new(Arc::from(queues), limits.patience), shards }
    }

    /// A client of this service.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Waits until all other clients are gone and all their jobs are done, and says how many keys have a value.
    pub async fn stop(self) -> usize {
        drop(self.client);
        let mut values = 0;
        for shard in self.shards {
            values += shard.await.map_or(0, |store| store.len());
        }
        values
    }
}

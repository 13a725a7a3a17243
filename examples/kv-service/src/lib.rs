//! An in-memory key-value service on tokio, and a load to put on it.
//!
//! A [`Service`] has some shards: tasks with a [`Store`] each, which no lock guards because no other task sees it. A
//! [`Client`] puts its [`Command`] into the queue of the shard that has the key, and waits for the reply, but no longer
//! than its patience. Queues are bounded: when a shard falls behind, its clients wait, and in the end give up. A command
//! whose client has given up is not carried out.
//!
//! A [`Load`] is some callers, each a task that sends command after command. Callers share no key, so that each gets
//! the same replies whatever the others do: the [`Digest`] of all replies depends on the seed alone, and not on threads.
//!
//! ```
//! use kv_service::{Limits, Load, Mix, Service};
//!
//! let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! let digest = runtime.block_on(async {
//!     let service = Service::start(Limits::default());
//!     let mut load = Load::new(&service.client(), Mix::READ_MOSTLY, 1);
//!     load.round(100).await?;
//!     Ok::<_, kv_service::Failure>(load.digest())
//! });
//! assert!(digest.is_ok());
//! # Ok::<(), std::io::Error>(())
//! ```

mod client;
mod command;
mod load;
mod random;
mod service;
mod shard;
mod store;

pub use client::{Client, Failure};
pub use command::{Command, Key, Reply, Value};
pub use load::{Digest, Load, Mix};
pub use random::SplitMix64;
pub use service::{Limits, Service};
pub use store::Store;

//! Decides about git hooks, and touches nothing: what is written into a hook file and taken out again, which layouts are
//! left alone, what of a push is to be judged, and which changes cannot matter.

mod block;
mod documents;
mod layout;
mod manifest;
mod names;
mod policy;
mod pushed;
mod scope;
mod tree;

pub use block::{Block, Made};
pub use documents::may_matter;
pub use layout::{Facts, HookFile, Install, Refusal, Standing, Uninstall};
pub use manifest::Manifest;
pub use names::Names;
pub use policy::{Policy, Stop};
pub use pushed::{Pushed, RefLine, parse_refs};
pub use scope::Scope;
pub use tree::{Selection, Tree};

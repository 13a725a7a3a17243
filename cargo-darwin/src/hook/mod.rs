//! Decides about git hooks, and touches nothing: what is written into a hook file and taken out again, which layouts are
//! left alone, what of a push is to be judged, and which changes cannot matter.

mod block;
mod documents;
mod layout;
mod policy;
mod pushed;

pub use block::{Block, Made};
pub use documents::{may_matter, mentions_of};
pub use layout::{Facts, HookFile, Install, Refusal, Standing, Uninstall};
pub use policy::{Policy, Stop};
pub use pushed::{Pushed, RefLine, parse_refs};

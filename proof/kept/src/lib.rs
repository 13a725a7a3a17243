//! What the drivers have in common that keep results with the sources: `proof/`, `peers/` and `peers/verdicts/`.

pub mod bounds;
pub mod change;
pub mod error;
pub mod leftovers;
pub mod lines;
pub mod origin;
pub mod page;
pub mod same;

pub use change::Change;
pub use error::{At, Error};
pub use lines::{Line, Lines};
pub use origin::{Origin, Sources};
pub use same::Same;

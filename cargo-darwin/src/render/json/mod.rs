//! The stable interface: one document per command, with a `schema` field and the unit of each number in its key.
//!
//! Within a version, fields are added and never change their meaning. What was not measured is null, and so is a number
//! that is not finite. Text is kept as it came: what a terminal would obey is escaped, not removed.

mod baseline;
mod calibrate;
mod check;
mod doctor;
mod hook;
mod init;
mod injected;
mod record;
mod run;
mod schema;

use serde::Serialize;

pub use baseline::baseline;
pub use calibrate::calibrate;
pub use check::{check, invalid_check, tests_failed};
pub use doctor::doctor;
pub use hook::hooks;
pub use init::init;
pub use run::{compare, run};
pub use schema::{NAMES as SCHEMAS, schema};

/// Pretty-printed, with a line break at the end. Our own documents have string keys and no failing `Serialize`, so the
/// error cannot arise; were it to, the reader gets a document that says so.
fn document(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value)
        .unwrap_or_else(|error| serde_json::json!({ "error": error.to_string() }).to_string());
    super::safe::json(&text) + "\n"
}

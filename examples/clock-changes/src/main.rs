//! Says how often the world changed its clocks.
//!
//! ```text
//! clock-changes [FIRST LAST]      years: 1850 2037 unless given
//! ```

use std::io::{self, Write};
use std::process::ExitCode;

use clock_changes::{Report, Year, Years, release, survey, zones};

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

/// From the first railway times to the last year of 32-bit clocks.
const YEARS: Years = Years { first: Year(1850), last: Year(2037) };

/// Further away there is nothing to count, and a table would have no end.
const LIMITS: std::ops::RangeInclusive<i32> = 1..=9999;

/// The exit code of a wrong argument.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let years = match years() {
        Ok(years) => years,
        Err(text) => return complain(&text, USAGE),
    };
    match report(years) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => complain(&text, 1),
    }
}

/// Prints the table of these years.
fn report(years: Years) -> Result<(), String> {
    let zones = zones();
    let tally = survey(&zones, years).map_err(|error| format!("the database cannot be read: {error}"))?;
    let head = format!("{} zones of the IANA time zone database {}", zones.len(), release());
    writeln!(io::stdout(), "{head}\n{}", Report(&tally))
        .map_err(|error| format!("cannot write the table: {error}"))
}

/// The years to count, from the command line.
fn years() -> Result<Years, String> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    match given.as_slice() {
        [] => Ok(YEARS),
        [first, last] => Ok(Years { first: year(first)?, last: year(last)? }),
        _ => Err("usage: clock-changes [FIRST LAST]".to_owned()),
    }
}

fn year(text: &str) -> Result<Year, String> {
    let year = text.parse().ok().filter(|year| LIMITS.contains(year));
    year.map(Year)
        .ok_or_else(|| format!("`{text}` is no year from 1 to 9999; usage: clock-changes [FIRST LAST]"))
}

fn complain(text: &str, code: u8) -> ExitCode {
    // If standard error is closed as well, the exit code still tells.
    let _ = writeln!(io::stderr(), "clock-changes: {text}");
    ExitCode::from(code)
}

//! What was counted, as text.

use std::fmt;

use crate::tally::{Count, Tally};
use crate::time::Year;

/// A tally, decade by decade. Displays as a table, the same for the same tally.
#[derive(Clone, Debug)]
pub struct Report<'a>(pub &'a Tally<'a>);

/// The years of a line.
const DECADE: usize = 10;

/// How a bar is drawn: one sign for so many zones.
const ZONES_OF_A_SIGN: u32 = 5;

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "from  changes  to summer  zones a year")?;
        let years: Vec<Year> = self.0.years().iter().collect();
        for decade in years.chunks(DECADE) {
            self.line(f, decade)?;
        }
        match self.0.busiest() {
            Some((zone, changes)) => write!(f, "most changes: {zone}, {changes}"),
            None => write!(f, "no zones"),
        }
    }
}

impl Report<'_> {
    fn line(&self, f: &mut fmt::Formatter<'_>, years: &[Year]) -> fmt::Result {
        let Some(first) = years.first() else { return Ok(()) };
        let counts = || years.iter().map(|&year| self.0.of(year));
        let sum = |of: fn(Count) -> u32| counts().map(of).sum::<u32>();
        let zones = sum(|count| count.zones) / years.len() as u32;
        let bar = "#".repeat((zones / ZONES_OF_A_SIGN) as usize);
        let (changes, to_summer) = (sum(|count| count.changes), sum(|count| count.to_summer));
        let line = format!("{:<4}  {changes:>7}  {to_summer:>9}  {zones:>4}  {bar}", first.0);
        writeln!(f, "{}", line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Change, LocalTime};
    use crate::time::{Offset, Years};

    #[test]
    fn a_decade_is_a_line_with_the_mean_of_its_zones() {
        let mut tally = Tally::new(Years { first: Year(1900), last: Year(1911) });
        let local = |offset| LocalTime { offset: Offset(offset), is_summer: true };
        let change = |year: i32| Change {
            at: Year(year).first_day().at(0, Offset(0)),
            before: local(0),
            after: local(60),
        };
        let names: Vec<String> = (0..10).map(|number| format!("A/{number}")).collect();
        names.iter().for_each(|name| tally.add(name, &[change(1910), change(1911)]));
        let text = "\
from  changes  to summer  zones a year
1900        0          0     0
1910       20         20    10  ##
most changes: A/0, 2";
        assert_eq!(Report(&tally).to_string(), text);
    }

    #[test]
    fn without_zones_there_is_no_busiest() {
        let tally = Tally::new(Years { first: Year(1900), last: Year(1899) });
        assert_eq!(Report(&tally).to_string(), "from  changes  to summer  zones a year\nno zones");
    }
}

//! How many faults of each kind ended in which verdict.

use std::collections::BTreeMap;
use std::io::Write;

use cargo_darwin::model::Verdict;

/// Counts by kind of fault; `None` stands for a fault that did not come, or changed nothing.
#[derive(Debug, Default)]
pub struct Table {
    rows: BTreeMap<String, BTreeMap<Option<Verdict>, u32>>,
}

impl Table {
    pub fn new() -> Table {
        Table::default()
    }

    pub fn count(&mut self, kind: &str, verdict: Option<Verdict>) {
        *self.rows.entry(kind.to_owned()).or_default().entry(verdict).or_default() += 1;
    }

    /// Prints it, also when the test harness keeps what tests print.
    pub fn show(&self) {
        const VERDICTS: [Verdict; 4] =
            [Verdict::Approve, Verdict::Reject, Verdict::Inconclusive, Verdict::Invalid];
        let mut text = format!("\n{:<44}{:>8}", "fault", "no hit");
        VERDICTS.iter().for_each(|verdict| text += &format!("{:>14}", format!("{verdict:?}").to_uppercase()));
        for (kind, counts) in &self.rows {
            let count = |verdict| counts.get(&verdict).copied().unwrap_or(0);
            text += &format!("\n{kind:<44}{:>8}", count(None));
            VERDICTS.iter().for_each(|verdict| text += &format!("{:>14}", count(Some(*verdict))));
        }
        // A closed stdout is no failure of what is tested.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
}

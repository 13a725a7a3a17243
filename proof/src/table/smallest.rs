//! The smallest slowdowns that are caught, as Markdown: foretold and found.

use std::fmt::Write;

use cargo_darwin::model::Percent;

use crate::foretold::Foretold;
use crate::record::Record;
use crate::smallest::{Found, Level, Way, found, levels};

const HEAD: &str = "\
**The smallest slowdown of p50 that 95 of 100 checks catch.** Foretold by `cargo darwin calibrate` (modelled), and found by checks with \
slowdowns of several sizes (measured).

| workload | slower by: caught | found | foretold | foretold / found |
|---|---|---|---|---|
";

/// How far a prediction may be from what is found.
const FAR: f64 = 0.2;

/// The table of the results of one origin; `None` where nothing was foretold, or found.
pub fn table(records: &[Record], foretold: &[Foretold]) -> Option<String> {
    let levels = levels(records);
    let rows_of = |foretold: &Foretold| -> String {
        let of_it = levels.iter().filter(|((workload, _), _)| *workload == foretold.workload);
        of_it.filter_map(|((_, way), levels)| row(foretold, *way, levels)).collect()
    };
    let rows: String = foretold.iter().map(rows_of).collect();
    (!rows.is_empty()).then(|| format!("{HEAD}{rows}"))
}

fn row(foretold: &Foretold, way: Way, levels: &[Level]) -> Option<String> {
    let counts = levels.iter().fold(String::new(), |mut text, Level { slowdown, checks, caught }| {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}{:.2} %: {caught} of {checks}", slowdown.0);
        text
    });
    let found = found(levels)?;
    let caught = foretold.caught_percent;
    Some(format!(
        "| {} (`{}`, {}) | {counts} | {} | {} | {} |\n",
        foretold.workload,
        foretold.site,
        how(way),
        in_words(found),
        caught.map_or("none".to_owned(), |percent| format!("{percent:.2} %")),
        caught.map_or("-".to_owned(), |percent| ratio(Percent(percent), found)),
    ))
}

fn how(way: Way) -> &'static str {
    match way {
        Way::Edited => "edited",
        Way::Injected => "injected",
    }
}

fn in_words(found: Found) -> String {
    match found {
        Found::At(percent) => format!("{:.2} %", percent.0),
        Found::AtMost(percent) => format!("at most {:.2} %", percent.0),
        Found::Above(percent) => format!("above {:.2} %", percent.0),
    }
}

/// Only what was found can be compared.
fn ratio(foretold: Percent, found: Found) -> String {
    match found {
        Found::At(found) => {
            let ratio = foretold.0 / found.0;
            let text = format!("{ratio:.2}");
            if (ratio - 1.0).abs() > FAR { format!("**{text}**") } else { text }
        }
        Found::AtMost(_) | Found::Above(_) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use cargo_darwin::model::Verdict;

    use super::*;
    use crate::foretold::samples::of_three;
    use crate::record::samples::record;
    use crate::scenario::Expected;

    /// Half of ten checks with 0.6 % catch it, all of ten with 0.8 %.
    fn checks() -> Vec<Record> {
        let check = |percent: f64, verdict: Verdict| {
            let mut record = record(&format!("three/injected-{percent}"), Expected::Reject, verdict);
            record.outcome.injected_percent = Some(percent);
            record
        };
        let halves = [Verdict::Reject, Verdict::Approve].repeat(5);
        halves
            .into_iter()
            .map(|verdict| check(0.6, verdict))
            .chain((0..10).map(|_| check(0.8, Verdict::Reject)))
            .collect()
    }

    fn last_line(foretold: Option<f64>) -> String {
        table(&checks(), &[of_three(foretold)]).unwrap().lines().last().unwrap().to_owned()
    }

    #[test]
    fn what_was_foretold_stands_beside_what_was_found() {
        let begin = "| three (`a::f`, injected) | 0.60 %: 5 of 10, 0.80 %: 10 of 10 | 0.78 % |";
        assert_eq!(last_line(Some(0.85)), format!("{begin} 0.85 % | 1.09 |"));
        assert_eq!(last_line(Some(0.95)), format!("{begin} 0.95 % | **1.22** |"), "further than a fifth");
        assert_eq!(last_line(None), format!("{begin} none | - |"));
    }

    #[test]
    fn without_a_prediction_or_checks_there_is_no_table() {
        assert_eq!((table(&checks(), &[]), table(&[], &[of_three(Some(0.9))])), (None, None));
    }
}

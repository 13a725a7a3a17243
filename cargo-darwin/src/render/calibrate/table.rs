//! The predictions in columns: one line a metric, the workload above its sites where there are several.

use crate::model::ResolutionReport;
use crate::render::{metric_name, names, safe, units};

/// Heads; the first two are text, the rest are numbers.
const HEADS: [&str; 6] = ["Function", "Metric", "Tolerance", "Caught from", "After", "Resolves"];

/// Blanks between two columns.
const GAP: usize = 2;

/// Names are not made shorter than that.
const LEAST_NAME: usize = 16;

type Cells = [String; HEADS.len()];

/// For a screen of so many columns.
pub(super) fn lines(rows: &[ResolutionReport], width: usize) -> Vec<String> {
    let mut all: Vec<Cells> = rows.iter().map(cells).collect();
    let heads = HEADS.map(str::to_owned);
    let of_column = |all: &[Cells], column: usize| {
        let cells = all.iter().chain([&heads]).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let others: usize = (1..HEADS.len()).map(|column| GAP + of_column(&all, column)).sum();
    let whole: Vec<String> = all.iter().map(|row| row[0].clone()).collect();
    let fitted = names::fitted_in_the_middle(&whole, width.saturating_sub(others).max(LEAST_NAME));
    all.iter_mut().zip(fitted).for_each(|(row, name)| row[0] = name);
    let widths: Vec<usize> = (0..HEADS.len()).map(|column| of_column(&all, column)).collect();
    let mut lines = vec![line(&heads, &widths)];
    let titled = rows.windows(2).any(|pair| pair[0].key.workload != pair[1].key.workload);
    for (number, row) in rows.iter().enumerate() {
        if titled && (number == 0 || rows[number - 1].key.workload != row.key.workload) {
            lines.push(format!("workload {}", safe::line(&row.key.workload)));
        }
        lines.push(line(&all[number], &widths));
    }
    lines
}

/// As a table of Markdown, with the workload in a column of its own.
pub(super) fn markdown(rows: &[ResolutionReport]) -> String {
    let mut out = format!("| Workload | {} |\n| --- | --- | --- |", HEADS.join(" | "));
    out.push_str(&" ---: |".repeat(HEADS.len() - 2));
    out.push('\n');
    for row in rows {
        let cells: Vec<String> = cells(row).iter().map(|cell| safe::markdown(cell)).collect();
        out.push_str(&format!("| {} | {} |\n", safe::markdown(&row.key.workload), cells.join(" | ")));
    }
    out
}

fn line(row: &Cells, widths: &[usize]) -> String {
    let cell = |(column, cell): (usize, &String)| match column {
        0 | 1 => format!("{cell:<width$}", width = widths[column]),
        _ => format!("{cell:>width$}", width = widths[column]),
    };
    let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

fn cells(row: &ResolutionReport) -> Cells {
    let none = || units::NONE.to_owned();
    let slowdown = row.caught.map_or_else(none, |caught| units::percent_amount(caught.slowdown));
    let after = row
        .caught
        .map_or_else(none, |caught| format!("{} blocks, {}", caught.blocks, units::seconds(caught.seconds)));
    [
        safe::line(&row.key.site),
        metric_name(row.metric).to_owned(),
        units::percent_amount(row.tolerance),
        slowdown,
        after,
        row.resolution.map_or_else(none, units::percent_amount),
    ]
}

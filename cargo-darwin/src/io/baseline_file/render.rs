//! The text of the file: a pure function of what it records.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::{BUILD, BaselineFile, Counting, ITERATIONS, Row, VERSION, recordable};

const HEADER: &str = "\
# Written by `cargo darwin baseline`; commit it. `cargo darwin check` judges changes against the code of the
# commit that last changed this file. After a merge conflict take either side whole and run the command again.
";

/// The text of the file: sorted, one line per site and quantity, fixed digits.
///
/// A value that no file can hold (negative, not finite) is left out.
pub fn render(file: &BaselineFile) -> String {
    let mut text = format!("{HEADER}version = {VERSION}\n");
    for (workload, record) in &file.workloads {
        let workload = Quoted(workload);
        if record.counting.is_some() || (record.counts.is_empty() && record.machines.is_empty()) {
            line(&mut text, format_args!("\n[workload.{workload}]"));
        }
        record.counting.iter().for_each(|counting| how_counted(&mut text, counting));
        if !record.counts.is_empty() {
            line(&mut text, format_args!("\n[workload.{workload}.counts]"));
            rows(&mut text, &record.counts);
        }
        for (machine, latencies) in &record.machines {
            line(&mut text, format_args!("\n[workload.{workload}.machine.{}]", Quoted(machine)));
            rows(&mut text, latencies);
        }
    }
    text
}

fn how_counted(text: &mut String, counting: &Counting) {
    line(text, format_args!("{BUILD} = {}", Quoted(&counting.build)));
    if let Some(iterations) = counting.iterations {
        line(text, format_args!("{ITERATIONS} = {iterations}"));
    }
}

fn rows<R: Row>(text: &mut String, rows: &BTreeMap<String, R>) {
    for (site, row) in rows {
        for &quantity in R::QUANTITIES {
            if let Some(value) =
                row.get(quantity).map(without_sign_of_zero).filter(|&value| recordable(value))
            {
                let (site, key, digits) = (Quoted(site), quantity.key(), quantity.digits());
                line(text, format_args!("{site}.{key} = {value:.digits$}"));
            }
        }
    }
}

/// `-0.0` would be written with its sign and refused when read.
fn without_sign_of_zero(value: f64) -> f64 {
    value + 0.0
}

fn line(text: &mut String, line: fmt::Arguments<'_>) {
    let _infallible = writeln!(text, "{line}");
}

/// A basic string of TOML. Always quoted, so that a name's line never changes its form.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(formatter, "\\{character}")?,
                c if c.is_control() => write!(formatter, "\\u{:04X}", u32::from(c))?,
                c => formatter.write_char(c)?,
            }
        }
        formatter.write_char('"')
    }
}

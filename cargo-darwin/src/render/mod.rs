//! Turns data into text, and never prints: every function here returns a `String` that depends on its arguments alone.
//!
//! Each command has three formats: for people (`run`, `check`, `doctor`), Markdown (`markdown`) and JSON (`json`, the stable
//! interface). Whatever came from outside - names, paths, messages of other programs - passes through `safe` first.

mod bar;
pub mod baseline;
mod budget;
mod budgets;
pub mod calibrate;
pub mod calibrated;
pub mod check;
mod compare;
mod count;
mod detail;
pub mod doctor;
mod finding;
mod grid;
mod group;
pub mod hook;
#[cfg(test)]
mod hostile_names;
pub mod init;
pub mod injected;
pub mod json;
mod line;
pub mod markdown;
mod names;
mod paint;
mod record;
pub mod run;
pub mod safe;
mod site;
mod summary;
mod table;
#[cfg(test)]
mod tests;
pub mod tests_failed;
pub mod units;

#[cfg(test)]
mod samples;

pub use paint::Paint;
pub use site::metric_name;

/// How a run is to be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Colour or none.
    pub paint: Paint,
    /// Columns of the terminal; names are shortened to fit.
    pub width: usize,
    /// Sites shown per workload; `None` shows all.
    pub top: Option<usize>,
}

/// How a check is to be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Colour or none.
    pub paint: Paint,
    /// Columns of the terminal.
    pub width: usize,
    /// Every metric of every site as well.
    pub verbose: bool,
}

/// The earlier run beside which a run is set.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// What the reader calls it: the name under which it was stored.
    pub name: &'a str,
    /// What it measured.
    pub run: &'a crate::model::Run,
}

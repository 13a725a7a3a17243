//! Turns data into text, and never prints: every function here returns a `String` that depends on its arguments alone.
//!
//! Each command has three formats: for people (`run`, `check`, `doctor`), Markdown (`markdown`) and JSON (`json`, the stable
//! interface). Whatever came from outside - names, paths, messages of other programs - passes through `safe` first.

mod bar;
pub mod check;
mod compare;
pub mod doctor;
mod finding;
#[cfg(test)]
mod hostile_names;
pub mod json;
pub mod markdown;
mod names;
mod paint;
pub mod run;
pub mod safe;
mod site;
mod table;
pub mod units;

#[cfg(test)]
mod samples;

pub use paint::Paint;

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

/// The earlier run beside which a run is set.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// What the reader calls it: the name under which it was stored.
    pub name: &'a str,
    /// What it measured.
    pub run: &'a crate::model::Run,
}

//! Reading the file, which may have been merged, edited or made up: every refusal names the line.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{BUILD, BaselineFile, Counting, ITERATIONS, Quantity, Row, VERSION, WorkloadRecord, recordable};
use crate::io::position::{FileError, Source, remedy_for_unknown_key};

/// What cannot be read is never written over, so that it has to go first.
const AGAIN: &str = "restore it from version control, or remove it and run `cargo darwin baseline`";

const MERGED: &str =
    "take either side of the conflict whole, then run `cargo darwin baseline` on the merged code";

/// What the text of a baseline file records; `path` is only shown.
///
/// # Errors
/// Conflict markers, a version newer than this program, unknown keys, numbers that are negative, not finite
/// or absurdly large, and anything that is not TOML: with the line and the remedy.
pub fn parse(path: &Path, text: &str) -> Result<BaselineFile, FileError> {
    let source = Source { path, text };
    source.conflict_marker(MERGED).map_or(Ok(()), Err)?;
    let document = DeTable::parse(text).map_err(|error| source.toml_error(&error, AGAIN))?;
    let root = Table { source, table: document.get_ref() };
    // First: a newer file may hold keys that are unknown here.
    let version = version(&root)?;
    root.refuse_other_keys(&["version", "workload"])?;
    let workloads = match root.child("workload")? {
        Some(table) => table.children(|table| workload_record(table, version))?,
        None => BTreeMap::new(),
    };
    Ok(BaselineFile { workloads })
}

fn version(root: &Table<'_>) -> Result<u64, FileError> {
    let Some((_, value)) = root.entry("version") else {
        let what = format!("no `version = {VERSION}` in the file");
        return Err(root.source.error_at_line(1, what, AGAIN));
    };
    let DeValue::Integer(version) = value.get_ref() else {
        return Err(root.source.error(value.span(), "`version` is not a whole number", AGAIN));
    };
    let number = version.as_str().parse().ok().filter(|_| version.radix() == 10);
    if let Some(number @ 1..=VERSION) = number {
        return Ok(number);
    }
    let what = format!("the file has version {version}, this cargo darwin knows versions up to {VERSION}");
    let remedy = "use the cargo darwin that wrote it; the file is left as it is";
    Err(root.source.error(value.span(), what, remedy))
}

fn workload_record(table: &Table<'_>, version: u64) -> Result<WorkloadRecord, FileError> {
    match version {
        1 => table.refuse_other_keys(&["counts", "machine"])?,
        _ => table.refuse_other_keys(&[BUILD, ITERATIONS, "counts", "machine"])?,
    }
    let iterations = table.iterations()?;
    let counting = table.text(BUILD)?.map(|build| Counting { build, iterations });
    let counts = match table.child("counts")? {
        Some(sites) => sites.children(row)?,
        None => BTreeMap::new(),
    };
    let machines = match table.child("machine")? {
        Some(classes) => classes.children(|sites| sites.children(row))?,
        None => BTreeMap::new(),
    };
    Ok(WorkloadRecord { counting, counts, machines })
}

fn row<R: Row>(table: &Table<'_>) -> Result<R, FileError> {
    let keys: Vec<&str> = R::QUANTITIES.iter().map(|quantity| quantity.key()).collect();
    table.refuse_other_keys(&keys)?;
    let mut row = R::default();
    for &quantity in R::QUANTITIES {
        if let Some(value) = table.number(quantity)? {
            row.set(quantity, value);
        }
    }
    Ok(row)
}

/// A table of the file, with what is needed to point into it.
#[derive(Clone, Copy)]
struct Table<'a> {
    source: Source<'a>,
    table: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    fn entry(&self, key: &str) -> Option<(&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)> {
        self.table.get_key_value(key)
    }

    fn child(&self, key: &str) -> Result<Option<Table<'a>>, FileError> {
        self.entry(key).map(|(key, value)| self.as_table(key.get_ref(), value)).transpose()
    }

    fn as_table(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Result<Table<'a>, FileError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(Table { source: self.source, table }),
            _ => Err(self.source.error(value.span(), format!("`{key}` is not a table"), AGAIN)),
        }
    }

    /// Every key of this table with what `read` makes of the table under it.
    fn children<T>(
        &self,
        read: impl Fn(&Table<'a>) -> Result<T, FileError>,
    ) -> Result<BTreeMap<String, T>, FileError> {
        let child = |(key, value): (&'a Spanned<_>, &'a Spanned<_>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Ok((key.to_string(), read(&self.as_table(key, value)?)?))
        };
        self.table.iter().map(child).collect()
    }

    fn refuse_other_keys(&self, known: &[&str]) -> Result<(), FileError> {
        match self.table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
            None => Ok(()),
            Some(key) => {
                let remedy = format!("{}; or {AGAIN}", remedy_for_unknown_key(key.get_ref(), known));
                Err(self.source.error(key.span(), format!("unknown key `{}`", key.get_ref()), remedy))
            }
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>, FileError> {
        let text = |value: &Spanned<DeValue<'a>>| match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.source.error(value.span(), format!("`{key}` is not a text"), AGAIN)),
        };
        self.entry(key).map(|(_, value)| text(value)).transpose()
    }

    fn iterations(&self) -> Result<Option<u64>, FileError> {
        let number = |value: &Spanned<DeValue<'a>>| {
            let number = match value.get_ref() {
                DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
                _ => None,
            };
            let what = format!("`{ITERATIONS}` is not a whole number from 1 up");
            number.filter(|number| *number > 0).ok_or_else(|| self.source.error(value.span(), what, AGAIN))
        };
        self.entry(ITERATIONS).map(|(_, value)| number(value)).transpose()
    }

    fn number(&self, quantity: Quantity) -> Result<Option<f64>, FileError> {
        let Some((_, value)) = self.entry(quantity.key()) else {
            return Ok(None);
        };
        let number = match value.get_ref() {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse::<f64>().ok(),
            _ => None,
        };
        match number {
            Some(number) if recordable(number) => Ok(Some(number)),
            _ => {
                let key = quantity.key();
                let what = format!("`{key}` is not a number from 0 up that a measurement could give");
                Err(self.source.error(value.span(), what, AGAIN))
            }
        }
    }
}

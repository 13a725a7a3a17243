//! Results, kept as JSON with all repetitions, so that tables can be made anew and doubted.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::builds::home;
use crate::error::{At, Error};
use crate::origin::Origin;

/// Raised when the form of any result changes.
const VERSION: u32 = 1;

/// Figures, and where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept<T> {
    version: u32,
    /// What was measured, and where.
    pub origin: Origin,
    /// The figures.
    pub figures: T,
}

/// Figures that can be kept and shown.
pub trait Figures: Serialize + DeserializeOwned {
    /// Word of the command that makes them, name of their file and of their place in the page.
    const NAME: &'static str;

    /// Them as Markdown.
    fn table(&self) -> String;
}

impl<T: Figures> Kept<T> {
    /// Figures of now.
    ///
    /// # Errors
    /// When the machine cannot be asked what it is.
    pub fn now(figures: T) -> Result<Kept<T>, Error> {
        Ok(Kept { version: VERSION, origin: Origin::now()?, figures })
    }

    /// The table, and under it where it comes from.
    pub fn text(&self) -> String {
        format!("{}\n{}\n", self.figures.table(), self.origin)
    }

    /// Keeps them in place of those before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self) -> Result<(), Error> {
        let path = path(T::NAME);
        let folder = home().join("results");
        fs::create_dir_all(&folder).at("make", &folder)?;
        let text = serde_json::to_string(self).map_err(std::io::Error::from).at("write", &path)?;
        Ok(fs::write(&path, text + "\n").at("write", &path)?)
    }
}

/// Figures kept before; `None` if there are none.
///
/// # Errors
/// When the file cannot be read, or is of another version.
pub fn kept<T: Figures>() -> Result<Option<Kept<T>>, Error> {
    let path = path(T::NAME);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.at("read", &path)?,
    };
    parsed(&text).map(Some).map_err(|reason| Error::Results { path, reason, command: T::NAME })
}

fn parsed<T: Figures>(text: &str) -> Result<Kept<T>, String> {
    let kept: Kept<T> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match kept.version {
        VERSION => Ok(kept),
        other => Err(format!("it has version {other} in place of {VERSION}")),
    }
}

fn path(name: &str) -> PathBuf {
    home().join("results").join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Number(u32);

    impl Figures for Number {
        const NAME: &'static str = "number";

        fn table(&self) -> String {
            format!("| {} |\n", self.0)
        }
    }

    fn kept() -> Kept<Number> {
        let origin = Origin {
            commit: "c0ffee".into(),
            machine: "some machine".into(),
            peers: vec![("puffin".into(), "0.20.0".into())],
        };
        Kept { version: VERSION, origin, figures: Number(7) }
    }

    #[test]
    fn what_is_kept_comes_back_whole() {
        let text = serde_json::to_string(&kept()).unwrap();
        assert_eq!(parsed(&text), Ok(kept()));
    }

    #[test]
    fn another_version_is_refused() {
        let text = serde_json::to_string(&Kept { version: 99, ..kept() }).unwrap();
        assert_eq!(parsed::<Number>(&text).unwrap_err(), "it has version 99 in place of 1");
        assert!(parsed::<Number>("{}").is_err());
    }

    #[test]
    fn under_the_table_stands_where_it_comes_from() {
        assert_eq!(kept().text(), "| 7 |\n\nCommit c0ffee, on some machine; puffin 0.20.0.\n");
    }
}

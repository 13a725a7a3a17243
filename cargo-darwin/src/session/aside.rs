//! The commands that measure nothing.

use std::path::Path;

use super::{Ended, Failure};
use crate::cli::aside::{self, Aside};
use crate::exit_code::ExitCode;
use crate::io::files;
use crate::render::json;

/// Does what was asked for.
///
/// # Errors
/// When the man pages cannot be written.
pub fn aside(asked: &Aside) -> Result<Ended, Failure> {
    let text = match asked {
        Aside::Completions { shell } => aside::completions(*shell),
        Aside::Man { folder } => write_pages(folder)?,
        // clap lets no other name through.
        Aside::Schema { name } => json::schema(name).unwrap_or_default(),
    };
    Ok(Ended { text, code: ExitCode::Success })
}

fn write_pages(folder: &Path) -> Result<String, Failure> {
    let refused =
        |source: files::FileError| Failure::Usage(format!("{source}; name a folder that you may write to"));
    let pages =
        aside::man_pages().map_err(|source| Failure::System { doing: "cannot render a man page", source })?;
    let mut said = String::new();
    for page in &pages {
        let path = folder.join(&page.file_name);
        files::write(&path, &page.text).map_err(refused)?;
        said += &format!("wrote {}\n", path.display());
    }
    Ok(format!("{said}next: man -l {}\n", folder.join("cargo-darwin.1").display()))
}

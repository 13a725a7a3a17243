//! The inputs of a link, kept where the next build does not remove them.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::printed::Printed;

/// Hard-links every input that lies beside the executable, which is where the next build would remove it, into
/// `folder`; the names there by the inputs' paths.
pub fn inputs(command: &Printed, folder: &Path) -> io::Result<HashMap<String, String>> {
    let made = PathBuf::from(&command.output);
    let target = made.parent().unwrap_or(&made);
    let mut kept = HashMap::new();
    for (index, arg) in command.args.iter().enumerate().filter(|(_, arg)| **arg != command.output) {
        let path = Path::new(arg);
        if path.starts_with(target) && path.is_file() && !kept.contains_key(arg) {
            // Two inputs may share a name in different folders.
            let name = format!("{index}.{}", path.extension().unwrap_or_default().display());
            fs::hard_link(path, folder.join(&name))
                .or_else(|_| fs::copy(path, folder.join(&name)).map(drop))?;
            kept.insert(arg.clone(), name);
        }
    }
    Ok(kept)
}

/// Removes what `save-temps` left beside the executable: bitcode of every stage, and rustc's own folder.
pub fn tidy(made: &Path) -> io::Result<()> {
    let (Some(folder), Some(stem)) = (made.parent(), made.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_temporary(&name, stem) && path.is_file() {
            fs::remove_file(path)?;
        } else if is_rustc_folder(&name) && path.is_dir() {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// `STEM.….rcgu.…`; of a name that is too long for a file rustc keeps the end, behind 16 digits and a `-`.
fn is_temporary(name: &str, stem: &str) -> bool {
    let is_digit = |char: char| char.is_ascii_hexdigit();
    let own = name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'));
    let shortened =
        name.split_once('-').is_some_and(|(hash, _)| hash.len() == 16 && hash.chars().all(is_digit));
    (own || shortened) && name.contains(".rcgu.")
}

/// `rustc` or `rmeta` and six random letters, as the `tempfile` crate makes them.
fn is_rustc_folder(name: &str) -> bool {
    let random = name.strip_prefix("rustc").or_else(|| name.strip_prefix("rmeta"));
    random.is_some_and(|random| random.len() == 6 && random.chars().all(|char| char.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_save_temps_left_is_removed() {
        let stem = "book-7f3397521b7b1765";
        for temporary in [
            "book-7f3397521b7b1765.book.a6e7fe0f56c7fd60-cgu.0.rcgu.o",
            "book-7f3397521b7b1765.x.rcgu.o.rcgu.thin-lto-input.bc",
            "95939cc309d3bab2-rustc_std_workspace_core.bad0-cgu.0.rcgu.o.rcgu.thin-lto-after-import.bc",
        ] {
            assert!(is_temporary(temporary, stem), "{temporary}");
        }
        for other in [
            "book-7f3397521b7b1765",
            "book-7f3397521b7b1765.d",
            "book-7f3397521b7b1765.dwp",
            "other-7f3397521b7b1765.x.rcgu.o",
            "libother-95939cc309d3bab2.rlib",
        ] {
            assert!(!is_temporary(other, stem), "{other}");
        }
        assert!(
            is_rustc_folder("rustcj48iKj") && !is_rustc_folder("rustc-hash") && !is_rustc_folder("rustcj")
        );
    }
}

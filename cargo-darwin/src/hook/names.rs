//! Finds files that code names in its strings: they may be built in, or read while it is measured.

use std::collections::BTreeSet;

/// What parts words within a text, such as a command line.
const SEPARATORS: &str = " \t=,;:(){}<>[]`'|&$";

/// Names to look for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    ends: BTreeSet<String>,
}

impl Names {
    /// A file, anywhere in a string.
    pub fn add_file(&mut self, name: &str) {
        self.files.insert(name.to_owned());
    }

    /// A folder, as a part of a path.
    pub fn add_folder(&mut self, name: &str) {
        self.folders.insert(name.to_owned());
    }

    /// A folder that matters where a path ends with it.
    pub fn add_end(&mut self, name: &str) {
        self.ends.insert(name.to_owned());
    }

    /// Whether a string in this text has one of them. Only TOML has strings in single quotes too. Comments do no harm, and what
    /// stands behind a string counts as if it were one.
    pub fn are_in(&self, text: &str, is_toml: bool) -> bool {
        let is_quote = |c: char| c == '"' || (is_toml && c == '\'');
        text.lines().any(|line| line.split(is_quote).skip(1).any(|piece| self.are_in_string(piece)))
    }

    fn are_in_string(&self, piece: &str) -> bool {
        let parts: Vec<&str> = piece.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
        let is_file = |part: &&str| {
            forms(part)
                .into_iter()
                .chain(part.split(|c| SEPARATORS.contains(c)))
                .any(|form| self.files.contains(form))
        };
        let is_in =
            |names: &BTreeSet<String>, part: &str| forms(part).iter().any(|form| names.contains(*form));
        parts.iter().any(|part| is_file(part) || is_in(&self.folders, part))
            || parts.last().is_some_and(|last| is_in(&self.ends, last))
    }
}

/// A part of a path: as it is, behind `--option=`, and behind `-L`.
fn forms(part: &str) -> [&str; 3] {
    let value = part.rsplit_once('=').map_or(part, |(_, value)| value);
    let mut letters = value.chars();
    let is_short = letters.next() == Some('-') && letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    [part, value, if is_short { letters.as_str() } else { value }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.add_file("a+b.md");
        names.add_folder("web");
        names.add_end("crates");
        names
    }

    #[test]
    fn a_file_a_folder_and_a_folder_above_are_found_in_strings() {
        for line in [
            r#"include_str!("../a+b.md")"#,
            r#"sh("cat a+b.md")"#,
            r#"dir.join("web").join(name)"#,
            r#"include_dir!("$CARGO_MANIFEST_DIR/../web/app")"#,
            r#"rustflags = ["-L../web", "x"]"#,
            r#"args = ["--from=web/x"]"#,
            r#"link("-Lweb")"#,
            r#"walk("../../crates/")"#,
            r#"let path = r"..\web\x";"#,
        ] {
            assert!(names().are_in(line, false), "{line}");
        }
        assert!(names().are_in("args = ['web/x']", true));
    }

    #[test]
    fn comments_other_words_and_folders_on_the_way_elsewhere_are_not() {
        for line in [
            "// a+b.md, web, crates",
            r#"// don't read a+b.md"#,
            r#""webs/cobweb/c.md""#,
            r#""../crates/app/x""#,
            r#""see the web""#,
            "",
        ] {
            assert!(!names().are_in(line, false), "{line}");
        }
        assert!(!Names::default().are_in(r#""a""#, true));
    }
}

//! The lines of ours in a hook file of a POSIX shell, between two marks.
//!
//! They come right behind the first line, so that neither an `exit 0` nor an `exec` further down leaves them out. Git gives a
//! pre-push hook its references on standard input; what stands below the block reads them there as before.

use std::ops::Range;

use thiserror::Error;

use crate::model::Stage;

const BEGIN: &str = "# >>> cargo darwin >>>";
const END: &str = "# <<< cargo darwin <<<";
const OPTIONS: &str = "# options:";
const MADE: &str = "# made:";

/// Gives what stands below the block the input that git gave. Where nothing is pushed that is none at all, and a text of no
/// lines would be one empty line.
const AS_BEFORE: [&str; 8] = [
    "if [ -n \"$darwin_refs\" ]; then",
    "exec <<DARWIN_REFS",
    "$darwin_refs",
    "DARWIN_REFS",
    "else",
    "    exec </dev/null",
    "fi",
    "unset darwin_refs",
];

/// What `install` made beside the block, and `uninstall` removes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Nothing: the file was there.
    Nothing,
    /// The file.
    File,
    /// The file and the folder that it is in.
    Folder,
}

/// A block as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Whose hook file it is for.
    pub stage: Stage,
    /// Options of `hook run`, quoted for a shell, on one line; may be empty.
    pub options: String,
    /// What was made with it.
    pub made: Made,
}

/// Marks that do not go together; nobody but the user may say what is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "line {line} has a mark of cargo darwin without its counterpart: take the lines of cargo darwin out by hand"
)]
pub struct Damaged {
    /// From 1.
    pub line: usize,
}

impl Block {
    /// The block's lines, the last without its line break.
    pub fn text(&self) -> String {
        let stage = self.stage;
        let mut lines = vec![
            BEGIN.to_owned(),
            format!(
                "# Asks `cargo darwin` before each `{}`. Once without: DARWIN_SKIP=1 {0}",
                stage.command()
            ),
            "# Written by `cargo darwin hook install`; `cargo darwin hook uninstall` takes it out."
                .to_owned(),
        ];
        lines.extend((!self.options.is_empty()).then(|| format!("{OPTIONS} {}", self.options)));
        lines.extend(self.made.word().map(|word| format!("{MADE} {word}")));
        lines.extend(self.commands());
        lines.push(END.to_owned());
        lines.join("\n")
    }

    fn commands(&self) -> Vec<String> {
        let options = if self.options.is_empty() { String::new() } else { format!(" {}", self.options) };
        let run = format!("cargo-darwin darwin hook run {}{options}", self.stage);
        let (before, call, after): (&[&str], String, &[&str]) = match self.stage {
            Stage::PreCommit => (&[], run, &[]),
            Stage::PrePush => (
                &["darwin_refs=$(cat)"],
                format!("printf '%s\\n' \"$darwin_refs\" | {run} -- \"$@\""),
                &AS_BEFORE,
            ),
        };
        let asked = [
            "(".to_owned(),
            // Programs with windows often start git without the user's PATH.
            "    PATH=\"$PATH:${CARGO_HOME:-${HOME-}/.cargo}/bin\"".to_owned(),
            "    if command -v cargo-darwin >/dev/null 2>&1; then".to_owned(),
            format!("        {call}"),
            "    else".to_owned(),
            format!("        echo 'cargo darwin: cargo-darwin is not on PATH, so nothing is judged before this {}.' >&2", self.stage.command()),
            "        echo 'Install it, or take this hook out: lines between the marks of cargo darwin in the hook file.' >&2".to_owned(),
            "    fi".to_owned(),
            ") || exit $?".to_owned(),
        ];
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        [owned(before), asked.into(), owned(after)].concat()
    }

    /// The block in a hook file's text, as far as its options and what was made with it can be read from it; `None` where there
    /// is none.
    ///
    /// # Errors
    /// One mark without the other.
    pub fn read(text: &str, stage: Stage) -> Result<Option<Block>, Damaged> {
        let Some(range) = place(text)? else { return Ok(None) };
        let told = |key: &str| {
            let found = text[range.clone()].lines().find_map(|line| line.strip_prefix(key));
            found.map(|rest| rest.trim().to_owned())
        };
        let made = told(MADE).and_then(|word| Made::of(&word)).unwrap_or(Made::Nothing);
        Ok(Some(Block { stage, options: told(OPTIONS).unwrap_or_default(), made }))
    }

    /// Whether `text` has exactly this block.
    ///
    /// # Errors
    /// One mark without the other.
    pub fn is_in(&self, text: &str) -> Result<bool, Damaged> {
        Ok(place(text)?.is_some_and(|range| text[range] == self.text()))
    }

    /// `text` with this block, in place of another one of ours where there is one.
    ///
    /// # Errors
    /// One mark without the other.
    pub fn put_into(&self, text: &str) -> Result<String, Damaged> {
        if let Some(range) = place(text)? {
            return Ok([&text[..range.start], &self.text(), &text[range.end..]].concat());
        }
        let first =
            if text.starts_with("#!") { text.find('\n').map_or(text.len(), |end| end + 1) } else { 0 };
        let (head, tail) = text.split_at(first);
        // Without a line break at its end the file gets none at its new end either, which tells [`take_out`].
        Ok(match head.is_empty() || head.ends_with('\n') {
            true => format!("{head}{}\n{tail}", self.text()),
            false => format!("{head}\n{}", self.text()),
        })
    }

    /// A hook file that holds nothing else.
    pub fn new_file(&self) -> String {
        format!("#!/bin/sh\n{}\n", self.text())
    }
}

/// `text` as it was before [`Block::put_into`]; `None` where there is no block.
///
/// # Errors
/// One mark without the other.
pub fn take_out(text: &str) -> Result<Option<String>, Damaged> {
    let Some(Range { start, end }) = place(text)? else { return Ok(None) };
    let (head, tail) = (&text[..start], &text[end..]);
    Ok(Some(match tail.strip_prefix('\n') {
        Some(tail) => [head, tail].concat(),
        None => [head.strip_suffix('\n').unwrap_or(head), tail].concat(),
    }))
}

/// From the first mark to the end of the second.
fn place(text: &str) -> Result<Option<Range<usize>>, Damaged> {
    let marks: Vec<(usize, usize, bool)> = marks(text).collect();
    match marks.as_slice() {
        [] => Ok(None),
        [(_, start, true), (_, end, false)] => Ok(Some(*start..end + END.len())),
        [(line, ..), ..] => Err(Damaged { line: *line }),
    }
}

/// Line from 1, offset, and whether it is the beginning.
fn marks(text: &str) -> impl Iterator<Item = (usize, usize, bool)> {
    let mut offset = 0;
    text.split('\n').enumerate().filter_map(move |(at, line)| {
        let start = offset;
        offset += line.len() + 1;
        (line == BEGIN || line == END).then_some((at + 1, start, line == BEGIN))
    })
}

impl Made {
    fn word(self) -> Option<&'static str> {
        match self {
            Made::Nothing => None,
            Made::File => Some("this file"),
            Made::Folder => Some("this file and its folder"),
        }
    }

    fn of(word: &str) -> Option<Made> {
        [Made::File, Made::Folder].into_iter().find(|made| made.word() == Some(word))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(stage: Stage, options: &str) -> Block {
        Block { stage, options: options.to_owned(), made: Made::Nothing }
    }

    #[test]
    fn the_block_comes_right_behind_the_first_line() {
        let block = block(Stage::PreCommit, "-p app");
        let text = block.put_into("#!/bin/bash -e\nexit 0\n").unwrap();
        assert!(text.starts_with("#!/bin/bash -e\n# >>> cargo darwin >>>\n"), "{text}");
        assert!(text.ends_with("\n# <<< cargo darwin <<<\nexit 0\n"), "{text}");
        assert!(text.contains("\n        cargo-darwin darwin hook run pre-commit -p app\n"), "{text}");
        assert!(block.is_in(&text).unwrap());
    }

    #[test]
    fn what_was_put_in_is_taken_out_to_the_byte() {
        for before in
            ["", "\n", "#!/bin/sh", "#!/bin/sh\n", "#!/bin/sh\necho a", "echo a", "#!/bin/sh\n\n\nexit 0\n\n"]
        {
            for stage in Stage::ALL {
                let text = block(stage, "").put_into(before).unwrap();
                assert_eq!(take_out(&text).unwrap().as_deref(), Some(before), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_a_second_time_changes_nothing(before in "(#!/bin/sh\n)?[ -~\n]{0,200}", options in "[a-z -]{0,20}") {
            let block = block(Stage::PrePush, options.trim());
            let once = block.put_into(&before).unwrap();
            prop_assert_eq!(&block.put_into(&once).unwrap(), &once);
            prop_assert_eq!(take_out(&once).unwrap().unwrap(), before);
        }
    }

    #[test]
    fn other_options_take_the_place_of_the_old_ones() {
        let one = block(Stage::PrePush, "-p one").put_into("#!/bin/sh\nexit 0\n").unwrap();
        let two = block(Stage::PrePush, "-p two").put_into(&one).unwrap();
        assert_eq!(two, block(Stage::PrePush, "-p two").put_into("#!/bin/sh\nexit 0\n").unwrap());
        assert!(!block(Stage::PrePush, "-p one").is_in(&two).unwrap());
    }

    #[test]
    fn a_block_tells_its_options_and_what_was_made_with_it() {
        for made in [Made::Nothing, Made::File, Made::Folder] {
            let block =
                Block { stage: Stage::PrePush, options: "--manifest-path 'a b/Cargo.toml'".to_owned(), made };
            assert_eq!(Block::read(&block.new_file(), Stage::PrePush), Ok(Some(block)));
        }
        assert_eq!(Block::read("#!/bin/sh\n", Stage::PrePush), Ok(None));
    }

    #[test]
    fn a_block_of_an_earlier_version_is_found_and_replaced() {
        let now = Block { stage: Stage::PrePush, options: "--package=app".to_owned(), made: Made::File };
        let earlier = now
            .new_file()
            .replace("if [ -n \"$darwin_refs\" ]; then\n", "")
            .replace("else\n    exec </dev/null\nfi\n", "");
        assert_ne!(earlier, now.new_file());
        assert_eq!(now.is_in(&earlier), Ok(false));
        assert_eq!(Block::read(&earlier, Stage::PrePush), Ok(Some(now.clone())));
        assert_eq!(now.put_into(&earlier), Ok(now.new_file()));
    }

    #[test]
    fn half_a_block_is_left_alone_and_its_line_named() {
        let whole = block(Stage::PrePush, "").new_file();
        let half = whole.replace(END, "");
        assert_eq!(take_out(&half), Err(Damaged { line: 2 }));
        assert_eq!(block(Stage::PrePush, "").put_into(&half), Err(Damaged { line: 2 }));
        let twice = format!("{whole}{whole}");
        assert_eq!(take_out(&twice), Err(Damaged { line: 2 }));
        assert_eq!(take_out(&format!("{END}\n{BEGIN}\n")), Err(Damaged { line: 1 }));
    }
}

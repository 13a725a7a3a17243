//! What `init` did.

use super::paint::Tone;
use super::{Paint, safe};
use crate::model::{FileChanged, FileReport, InitReport, NextStep};

/// A line a file, then what to do next. Ends with a line break.
pub fn human(report: &InitReport, paint: Paint) -> String {
    let mut lines = file_lines(report, paint);
    lines.push(String::new());
    lines.extend(summary(report).map(|words| format!("{words}\n")));
    if !report.is_unchanged() {
        lines.extend(next_lines(report));
    }
    lines.extend(report.notes.iter().map(|note| format!("note: {}", safe::line(note))));
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// The same as lists. Ends with a line break.
pub fn markdown(report: &InitReport) -> String {
    let mut out = format!("## Init of {}\n\n", safe::markdown_code(&report.package));
    for file in &report.files {
        let (path, what) = (safe::markdown_code(&file.path), safe::markdown(&file.what));
        out.push_str(&format!("- {} {path}: {what}\n", word(file.change, report.dry_run)));
    }
    out.extend(summary(report).map(|words| format!("\n{}\n", safe::markdown(words))));
    if !report.is_unchanged() {
        out.push_str("\nNext:\n\n");
        out.extend((1..).zip(&report.next).map(|(at, step)| format!("{at}. {}\n", markdown_step(step))));
    }
    out.extend(report.notes.iter().map(|note| format!("\nNote: {}\n", safe::markdown_prose(note))));
    out
}

fn file_lines(report: &InitReport, paint: Paint) -> Vec<String> {
    let words: Vec<&str> = report.files.iter().map(|file| word(file.change, report.dry_run)).collect();
    let width = words.iter().map(|word| word.len()).max().unwrap_or(0);
    let paths: Vec<String> = report.files.iter().map(|file| safe::line(&file.path)).collect();
    let path_width = paths.iter().map(|path| path.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for ((file, word), path) in report.files.iter().zip(words).zip(paths) {
        let word = paint.tone(tone(file.change), &format!("{word:<width$}"));
        lines.push(format!("{word}  {path:<path_width$}  {}", safe::line(&file.what)));
        if report.dry_run {
            lines.extend(added(file));
        }
    }
    lines
}

/// What a file that is there would get.
fn added(file: &FileReport) -> impl Iterator<Item = String> {
    file.added_lines.iter().map(|line| format!("    + {}", safe::line(line)))
}

fn next_lines(report: &InitReport) -> Vec<String> {
    let commands = report.next.iter().filter_map(|step| step.command.as_ref());
    let width = commands.map(|command| command.chars().count()).max().unwrap_or(0);
    let words = |NextStep { command, what }: &NextStep| match command {
        Some(command) => safe::line(&format!("{command:<width$}  {what}")),
        None => safe::line(what),
    };
    let head = |at: usize| if at == 1 { "next:" } else { "     " };
    (1..).zip(&report.next).map(|(at, step)| format!("{} {at}. {}", head(at), words(step))).collect()
}

fn markdown_step(step: &NextStep) -> String {
    let what = safe::markdown(&step.what);
    step.command.as_ref().map_or(what.clone(), |command| format!("{} {what}", safe::markdown_code(command)))
}

fn summary(report: &InitReport) -> Option<&'static str> {
    match (report.is_unchanged(), report.dry_run) {
        (true, _) => Some("nothing to do: all of it is there"),
        (false, true) => Some("nothing was written (--dry-run)"),
        (false, false) => None,
    }
}

fn word(change: FileChanged, dry_run: bool) -> &'static str {
    match (change, dry_run) {
        (FileChanged::Created, false) => "created",
        (FileChanged::Created, true) => "would create",
        (FileChanged::Changed, false) => "changed",
        (FileChanged::Changed, true) => "would change",
        (FileChanged::Unchanged, _) => "unchanged",
    }
}

fn tone(change: FileChanged) -> Tone {
    match change {
        FileChanged::Created | FileChanged::Changed => Tone::Good,
        FileChanged::Unchanged => Tone::Dim,
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;

    fn file(path: &str, change: FileChanged, what: &str, added: &[&str]) -> FileReport {
        let added_lines = added.iter().map(|&line| line.to_owned()).collect();
        FileReport { path: path.into(), change, what: what.into(), added_lines }
    }

    fn report(dry_run: bool) -> InitReport {
        let line = "darwin-runtime = { path = \"../rt\" }";
        InitReport {
            package: "tally".into(),
            dry_run,
            files: vec![
                file("benches/hotpath.rs", FileChanged::Created, "a first bench", &[]),
                file("dar\x1b[1mwin.toml", FileChanged::Unchanged, "the settings are there", &[]),
                file("Cargo.toml", FileChanged::Changed, "[dependencies] darwin-runtime", &[line]),
            ],
            next: vec![
                NextStep { command: None, what: "put #[hotpath] above functions".into() },
                NextStep { command: Some("cargo darwin run".into()), what: "shows it".into() },
                NextStep { command: Some("cargo darwin baseline".into()), what: "records it".into() },
            ],
            notes: vec!["there is no git repository: `git init`".into()],
        }
    }

    #[test]
    fn each_file_has_a_line_and_the_next_steps_follow() {
        assert_data_eq!(
            human(&report(false), Paint::Plain),
            str![[r#"
created    benches/hotpath.rs  a first bench
unchanged  darwin.toml         the settings are there
changed    Cargo.toml          [dependencies] darwin-runtime

next: 1. put #[hotpath] above functions
      2. cargo darwin run       shows it
      3. cargo darwin baseline  records it
note: there is no git repository: `git init`

"#]]
        );
    }

    #[test]
    fn a_dry_run_shows_the_lines_and_says_that_nothing_was_written() {
        let text = human(&report(true), Paint::Plain);
        assert!(text.starts_with("would create  benches/hotpath.rs  a first bench\n"), "{text}");
        assert!(text.contains("\n    + darwin-runtime = { path = \"../rt\" }\n"), "{text}");
        assert!(text.contains("\nnothing was written (--dry-run)\n\nnext: 1."), "{text}");
    }

    #[test]
    fn a_second_run_says_that_there_is_nothing_to_do() {
        let mut report = report(false);
        report.files.iter_mut().for_each(|file| file.change = FileChanged::Unchanged);
        let text = human(&report, Paint::Plain);
        assert!(
            text.contains("\nnothing to do: all of it is there\n\nnote: ") && !text.contains("next:"),
            "{text}"
        );
    }

    #[test]
    fn markdown_is_lists() {
        assert_data_eq!(
            markdown(&report(false)),
            str![[r#"
## Init of `tally`

- created `benches/hotpath.rs`: a first bench
- unchanged `darwin.toml`: the settings are there
- changed `Cargo.toml`: \[dependencies\] darwin-runtime

Next:

1. put \#\[hotpath\] above functions
2. `cargo darwin run` shows it
3. `cargo darwin baseline` records it

Note: there is no git repository: `git init`

"#]]
            .raw()
        );
    }
}

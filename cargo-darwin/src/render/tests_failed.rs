//! A check that ended with the tests: the change is rejected, and nothing was timed.

use super::check::{Invalid, next_line};
use super::paint::Tone;
use super::site::verdict_word;
use super::{Paint, safe};
use crate::model::Verdict;

const WHY: &str = "the tests fail, so nothing was timed";

/// The reason with the end of the tests' output, the verdict, and what to do. Ends with a line break.
pub fn human(failure: &Invalid<'_>, paint: Paint) -> String {
    let mut lines = vec![safe::text(failure.reason).trim_end().to_owned(), String::new()];
    lines.push(format!("{}: {WHY}", paint.loud(Tone::Bad, verdict_word(Verdict::Reject))));
    lines.extend(next_line(failure.advice));
    lines.join("\n") + "\n"
}

/// The same for a pull request.
pub fn markdown(failure: &Invalid<'_>) -> String {
    let title = format!("## {}: {WHY}\n", verdict_word(Verdict::Reject));
    let mut parts = vec![title, safe::markdown_block(failure.reason)];
    parts.extend(next_line(failure.advice).map(|line| safe::markdown(&line) + "\n"));
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: Invalid<'_> = Invalid {
        reason: "tests failed: `cargo test` exited with code 101; nothing was timed; the end of its output:\n    left: \u{1b}[2J1",
        advice: "mend the tests",
    };

    #[test]
    fn failed_tests_are_a_rejection_with_their_output_and_no_figure() {
        let human = human(&FAILED, Paint::Plain);
        assert!(human.starts_with(FAILED.reason.split('\u{1b}').next().unwrap_or_default()), "{human}");
        assert!(
            human.ends_with("\n\nREJECT: the tests fail, so nothing was timed\nnext: mend the tests\n"),
            "{human}"
        );
        assert!(!human.contains('\u{1b}'), "{human}");
        let markdown = markdown(&FAILED);
        assert!(markdown.starts_with("## REJECT: the tests fail, so nothing was timed\n"), "{markdown}");
        assert!(!markdown.contains('\u{1b}'), "{markdown}");
    }
}

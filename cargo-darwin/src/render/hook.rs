//! What there is to say about the hooks of a repository, for people.

use super::paint::Tone;
use super::{Paint, safe};
use crate::model::{HookReport, HookState, HooksReport};

/// A paragraph for each hook. Ends with a line break.
pub fn human(report: &HooksReport, paint: Paint) -> String {
    let mut lines = vec![format!("hooks folder: {}", safe::line(&report.folder))];
    for hook in &report.hooks {
        let word = paint.tone(tone(hook), word(hook));
        lines.push(format!("{:<10}  {word}{}", hook.stage.name(), about(hook)));
        lines.extend(remarks(hook).map(|remark| format!("            {}", safe::line(remark))));
    }
    lines.push(match &report.program {
        Some(program) => format!("program:      {}", safe::line(program)),
        None => "program:      cargo-darwin is not on PATH".to_owned(),
    });
    lines.join("\n") + "\n"
}

/// The same as a table. Ends with a line break.
pub fn markdown(report: &HooksReport) -> String {
    let mut out = format!("## Hooks in {}\n\n", safe::markdown(&report.folder));
    out.push_str("| Hook | State | What to know |\n| --- | --- | --- |\n");
    for hook in &report.hooks {
        let remarks: Vec<String> = remarks(hook).map(safe::markdown_prose).collect();
        out.push_str(&format!(
            "| {} | {}{} | {} |\n",
            hook.stage,
            word(hook),
            safe::markdown(&about(hook)),
            remarks.join(" ")
        ));
    }
    out
}

fn word(hook: &HookReport) -> &'static str {
    match hook.state {
        HookState::None => "no hook",
        HookState::Other => "a hook that does not ask cargo darwin",
        HookState::Installed => "installed",
        HookState::Outdated => "installed, by another version or changed by hand",
        HookState::Damaged => "damaged",
    }
}

fn tone(hook: &HookReport) -> Tone {
    match hook.state {
        HookState::Installed if hook.is_run => Tone::Good,
        HookState::None | HookState::Other if hook.refused.is_empty() => Tone::Dim,
        _ => Tone::Bad,
    }
}

/// What belongs to the state: whether git runs it, and its options.
fn about(hook: &HookReport) -> String {
    let is_ours = matches!(hook.state, HookState::Installed | HookState::Outdated);
    let run = match (is_ours, hook.is_run) {
        (true, true) => format!(", runs before each `{}`", hook.stage.command()),
        (true, false) => ", but git does not run it".to_owned(),
        (false, _) => String::new(),
    };
    let options =
        if hook.options.is_empty() { String::new() } else { format!(": {}", safe::line(&hook.options)) };
    format!("{run}{options}")
}

/// What was done, why not, and what to do.
fn remarks(hook: &HookReport) -> impl Iterator<Item = &str> {
    [hook.done.as_str(), &hook.refused, &hook.advice].into_iter().filter(|remark| !remark.is_empty())
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::Stage;

    pub(crate) fn report() -> HooksReport {
        let hook = |stage, state, is_run| HookReport {
            stage,
            path: format!("/r/.git/hooks/{stage}"),
            state,
            is_run,
            options: String::new(),
            done: String::new(),
            refused: String::new(),
            advice: String::new(),
        };
        let refused = HookReport {
            refused: "it is a link".into(),
            advice: "add the line".into(),
            ..hook(Stage::PreCommit, HookState::Other, true)
        };
        let installed = HookReport {
            options: "--package=app".into(),
            done: "written".into(),
            ..hook(Stage::PrePush, HookState::Installed, true)
        };
        HooksReport { folder: "/r/.git/hooks".into(), program: None, hooks: vec![refused, installed] }
    }

    #[test]
    fn each_hook_has_a_line_and_its_remarks() {
        assert_data_eq!(
            human(&report(), Paint::Plain),
            str![[r#"
hooks folder: /r/.git/hooks
pre-commit  a hook that does not ask cargo darwin
            it is a link
            add the line
pre-push    installed, runs before each `git push`: --package=app
            written
program:      cargo-darwin is not on PATH

"#]]
            .raw()
        );
    }

    #[test]
    fn names_of_folders_cannot_move_the_cursor_or_break_a_table() {
        let hostile = HooksReport { folder: "/r/\u{1b}[2J|x".into(), ..report() };
        assert!(!human(&hostile, Paint::Plain).contains('\u{1b}'));
        let table = markdown(&hostile);
        assert!(
            !table.contains('\u{1b}') && table.starts_with("## Hooks in /r/") && !table.contains("|x"),
            "{table}"
        );
    }
}

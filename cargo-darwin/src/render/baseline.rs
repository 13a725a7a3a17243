//! What `cargo darwin baseline` has written.

use super::group::listed;
use super::{markdown, safe};
use crate::model::SiteKey;

/// What was recorded, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The file.
    pub path: String,
    /// Class of this machine.
    pub machine: String,
    /// Did a line of the file change?
    pub is_written: bool,
    /// Measured sites.
    pub sites: usize,
    /// Measured workloads.
    pub workloads: usize,
    /// With `--accept`: the sites whose lines were rewritten, and no others.
    pub accepted: Option<Vec<SiteKey>>,
    /// Workloads of them whose counts stay, because the recorded ones are of another build or other work.
    pub counts_left: Vec<String>,
}

/// For people. Ends with a line break.
pub fn human(recorded: &Recorded) -> String {
    lines(recorded, &safe::line).join("\n") + "\n"
}

/// As a list. Ends with a line break.
pub fn markdown(recorded: &Recorded) -> String {
    markdown::list(&lines(recorded, &safe::markdown_prose))
}

fn lines(recorded: &Recorded, shown: &dyn Fn(&str) -> String) -> Vec<String> {
    let path = shown(&recorded.path);
    let mut lines = vec![match (&recorded.accepted, recorded.is_written) {
        (None, true) => format!("wrote {path}: {} for {}", counted(recorded), shown(&recorded.machine)),
        (None, false) => format!("{path} is up to date: nothing moved beyond noise"),
        (Some(sites), true) => {
            format!("wrote {path}: accepted {}, for {}", names(sites, shown), shown(&recorded.machine))
        }
        (Some(sites), false) => {
            format!("{path} is up to date: it has {} as measured now", names(sites, shown))
        }
    }];
    lines.extend(recorded.counts_left.iter().map(|workload| {
        format!(
            "note: recorded counts of {} are of another build or other work, so those of accepted sites stay as well; `cargo darwin baseline` records all anew",
            shown(workload)
        )
    }));
    lines.extend(next(recorded).map(|step| format!("next: {step}")));
    lines
}

fn next(recorded: &Recorded) -> Option<&'static str> {
    match (recorded.is_written, recorded.accepted.is_some()) {
        (false, _) => None,
        (true, false) => Some(
            "commit it together with the code that it describes; `cargo darwin check` compares against that commit",
        ),
        (true, true) => Some(
            "commit it together with the change that is accepted; from that commit on, everything is judged against its code",
        ),
    }
}

fn counted(recorded: &Recorded) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!("{} in {}", plural(recorded.sites, "site"), plural(recorded.workloads, "workload"))
}

/// Each name once, though several workloads have it.
fn names(sites: &[SiteKey], shown: &dyn Fn(&str) -> String) -> String {
    let mut names: Vec<String> = sites.iter().map(|key| shown(&key.site)).collect();
    names.sort_unstable();
    names.dedup();
    listed(&names, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(accepted: Option<&[&str]>, is_written: bool) -> Recorded {
        let key = |site: &&str| SiteKey { workload: "w".into(), site: (*site).into() };
        Recorded {
            path: "darwin.baseline.toml".into(),
            machine: "a processor".into(),
            is_written,
            sites: 3,
            workloads: 1,
            accepted: accepted.map(|sites| sites.iter().map(key).collect()),
            counts_left: Vec::new(),
        }
    }

    #[test]
    fn what_was_written_comes_with_what_to_do_next() {
        let text = human(&recorded(None, true));
        assert!(text.starts_with(
            "wrote darwin.baseline.toml: 3 sites in 1 workload for a processor\nnext: commit it"
        ));
        let text = human(&recorded(None, false));
        assert_eq!(text, "darwin.baseline.toml is up to date: nothing moved beyond noise\n");
    }

    #[test]
    fn accepted_sites_are_named_once_each() {
        let text = human(&recorded(Some(&["b", "a", "b"]), true));
        assert!(
            text.starts_with("wrote darwin.baseline.toml: accepted a, b, for a processor\nnext: "),
            "{text}"
        );
    }

    #[test]
    fn counts_that_stay_are_said() {
        let mut left = recorded(Some(&["a"]), true);
        left.counts_left = vec!["book::replay".into()];
        assert!(human(&left).contains("\nnote: recorded counts of book::replay are of another build"));
        assert!(markdown(&left).lines().all(|line| line.starts_with("- ")));
    }
}

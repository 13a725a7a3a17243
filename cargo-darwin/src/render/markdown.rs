//! Reports for pull requests and summaries: GitHub-flavoured Markdown, in which nothing from outside is markup.

use super::check::{self, Invalid};
use super::line::{self, Line};
use super::table::{self, Group};
use super::{Earlier, Paint, budgets, compare, record, run as human_run, safe, site, summary};
use crate::model::{CheckReport, CheckedSite, Run, Verdict};

/// Head of the table of changed sites.
const CHECK_HEAD: &str = "| | Function | Change | 95 % interval | |\n| --- | --- | --- | --- | --- |";

/// Cells of a full bar.
const BAR_CELLS: usize = 10;

/// The hot paths as tables. `top` limits the rows of each workload; `None` shows all. Ends with a line break.
pub fn run(run: &Run, top: Option<usize>) -> String {
    let groups = table::groups(run, top);
    let several = groups.len() > 1;
    let mut parts = vec!["## Hot paths\n".to_owned()];
    parts.extend(groups.iter().map(|group| group_text(group, several)));
    if groups.is_empty() {
        parts.push("No site was called.\n".to_owned());
    }
    parts.extend(never_called(run));
    parts.push(human_run::footer(run).iter().map(|line| safe::markdown(line) + "\n").collect());
    parts.join("\n")
}

/// A run beside an earlier one, a list per site. Two runs, no verdict, and it says so. Ends with a line break.
pub fn compare(run: &Run, earlier: &Earlier<'_>, top: Option<usize>) -> String {
    let pairs = compare::pairs(run, earlier.run);
    let shown = top.unwrap_or(usize::MAX).min(pairs.len());
    let mut out = format!("## Beside {}\n\n{}\n", safe::markdown_code(earlier.name), compare::LABEL);
    for pair in &pairs[..shown] {
        let (name, workload) = (safe::markdown_code(&pair.key.site), safe::markdown_code(&pair.key.workload));
        out.push_str(&format!("\n### {name} ({workload})\n\n"));
        out.push_str(&list(&compare::lines(pair, Paint::Plain)));
    }
    if let Some(line) = table::hidden_line(pairs.len() - shown) {
        out.push_str(&format!("\n{line}\n"));
    }
    out
}

/// The check: the verdict first, the changed sites in a table, the rest in counts. Ends with a line break.
pub fn check(report: &CheckReport) -> String {
    let reason = check::reason(report, safe::markdown_code, "; ");
    let mut parts = vec![format!("## {}: {reason}\n", site::verdict_word(report.verdict))];
    let record = record::first_line(report).map(|line| safe::markdown(&line) + "\n");
    parts.extend(record.clone());
    let rows: Vec<String> = check::changed(report).into_iter().flat_map(site_rows).collect();
    if !rows.is_empty() {
        parts.push(format!("{CHECK_HEAD}\n{}\n", rows.join("\n")));
    }
    let mut rest = summary::lines(report, false, &safe::markdown_code);
    rest.iter_mut().for_each(|line| *line = line.trim_start().to_owned());
    let remarks = check::machine_lines(report).into_iter().chain(check::notes(report));
    rest.extend(budgets::kept(report).iter().map(|line| safe::markdown(line)));
    rest.extend(remarks.map(|remark| safe::markdown_prose(&remark)));
    parts.push(list(&rest));
    parts.extend(next_line(&report.next_step));
    if record.is_none() {
        parts.push(safe::markdown(&check::circumstances(report)) + "\n");
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// A check without a report: the reason as it came, in a block. Ends with a line break.
pub fn invalid_check(failure: &Invalid<'_>) -> String {
    let title = format!("## {}: nothing was measured\n", site::verdict_word(Verdict::Invalid));
    let mut parts = vec![title, safe::markdown_block(failure.reason)];
    parts.extend(next_line(failure.advice));
    parts.join("\n")
}

fn next_line(step: &str) -> Option<String> {
    check::next_line(step).map(|line| safe::markdown_prose(&line) + "\n")
}

/// A row for each line of a site; name and verdict stand in the first.
fn site_rows(site: &CheckedSite) -> Vec<String> {
    let mut lines = line::changed(site);
    let note = site.note.as_ref().map(|note| Line::words(format!("note: {}", safe::markdown_prose(note))));
    lines.extend(note);
    let key = &site.key;
    let [name, workload, place] =
        [&key.site, &key.workload, &site.place].map(|text| safe::markdown_code(text));
    let named = format!("| {} | {name}<br>{workload}, {place} |", site::sign(site));
    let verdict = site::verdict_word(site.verdict);
    let mut heads = std::iter::once((named, verdict)).chain(std::iter::repeat(("| | |".to_owned(), "")));
    if lines.is_empty() {
        lines.push(Line::words(String::new()));
    }
    lines.iter().zip(&mut heads).map(|(line, (head, verdict))| line_row(line, &head, verdict)).collect()
}

fn line_row(line: &Line, head: &str, verdict: &str) -> String {
    // The words of a line are this program's own: figures, and `**` that is meant as markup.
    let delta: Vec<String> =
        std::iter::once(line.delta(Paint::Plain)).chain(line.beneath.iter().cloned()).collect();
    let interval = format!("{} {}", line.interval, line.bar(BAR_CELLS));
    format!("{head} {} | {} | {verdict} |", delta.join("<br>"), interval.trim())
}

pub(super) fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn group_text(group: &Group<'_>, titled: bool) -> String {
    let title =
        if titled { format!("### {}\n\n", safe::markdown_code(group.workload)) } else { String::new() };
    let rule = format!("| --- |{}", " ---: |".repeat(group.heads.len() - 1));
    let mut out = format!("{title}| {} |\n{rule}\n", group.heads.join(" | "));
    for row in &group.rows {
        let name = safe::markdown_code(&row.site.site.name);
        out.push_str(&format!("| {name} | {} |\n", row.figures.join(" | ")));
    }
    let below = table::hidden_line(group.hidden).into_iter().chain(human_run::unfinished(group));
    below.for_each(|line| out.push_str(&format!("\n{}\n", safe::markdown(&line))));
    out + &edges_text(group)
}

/// Who called whom; nothing but in graph mode.
fn edges_text(group: &Group<'_>) -> String {
    if group.edges.is_empty() {
        return String::new();
    }
    let rule = format!("| --- | --- |{}", " ---: |".repeat(table::EDGE_HEADS.len()));
    let mut out = format!("\n| Caller | Callee | {} |\n{rule}\n", table::EDGE_HEADS.join(" | "));
    for edge in &group.edges {
        let (caller, callee) = (safe::markdown_code(edge.caller), safe::markdown_code(edge.callee));
        out.push_str(&format!("| {caller} | {callee} | {} |\n", edge.figures.join(" | ")));
    }
    out
}

fn never_called(run: &Run) -> Option<String> {
    let names: Vec<String> = table::never_called(run).into_iter().map(safe::markdown_code).collect();
    (!names.is_empty()).then(|| format!("Never called:\n\n{}", list(&names)))
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::render::samples;

    #[test]
    fn a_run_is_a_table_with_the_rest_below() {
        let sites = [("w", "<a::B<_> as c::D>::e", 10, 5.0), ("w", "f", 1, 1.0), ("w", "idle", 0, 0.0)];
        assert_data_eq!(
            run(&samples::run(&sites), Some(1)),
            str![[r#"
## Hot paths

| Function | Time % | Calls | Cumulative | p50 | p99 | Allocs/call |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| `<a::B<_> as c::D>::e` | 0.5 % | 10 | 5.00 ms | 450 us | 1.50 ms | - |

1 more site not shown; --top N shows them

Never called:

- `idle`

Time % is of the measured processes' wall time (1.0 s), inclusive: it may sum above 100 %.
What an empty site shows (17.2 ns a call) is taken off.
Allocs/call -: darwin\_runtime::Alloc is not the global allocator.

"#]]
            .raw()
        );
    }

    #[test]
    fn a_check_starts_with_its_verdict() {
        let slow = samples::timed_site("order_book::Book::insert", 20.1, Verdict::Reject);
        let same = samples::timed_site("order_book::Book::cancel", 0.1, Verdict::Approve);
        let mut report = samples::report(vec![same, slow]);
        report.notes.push("workload *replay*: judged by whole runs".into());
        report.next_step = "look at src/book.rs:42".into();
        assert_data_eq!(
            check(&report),
            str![[r#"
## REJECT: `order_book::Book::insert` is slower (p50 +20.1%) in `src/book.rs:42`

| | Function | Change | 95 % interval | |
| --- | --- | --- | --- | --- |
| + | `order_book::Book::insert`<br>`replay`, `src/book.rs:42` | Latency: 1.2us -> 1.44us (**+20.1%**) | [+19.4, +20.8] ########## | REJECT |
| | | p99: 4us -> 4.8us (**+20.1%**) | [+19.4, +20.8] ######## |  |
| | | Mean: 1.25us -> 1.5us (**+20.1%**) | [+19.4, +20.8] ########## |  |

- 1 site within tolerance (p50 resolves 0.7%)
- workload \*replay\*: judged by whole runs

next: look at src/book.rs:42

22 blocks in 7.9 s against 0123456789ab (built for this check)

"#]]
            .raw()
        );
    }

    #[test]
    fn an_invalid_check_quotes_the_message() {
        let failure = Invalid { reason: "the build failed:\n```\n<b>", advice: "mend it" };
        assert_data_eq!(
            invalid_check(&failure),
            str![[r#"
## INVALID: nothing was measured

````text
the build failed:
```
<b>
````

next: mend it

"#]]
            .raw()
        );
    }

    #[test]
    fn a_comparison_says_that_it_is_no_verdict() {
        let (before, after) = (samples::run(&[("w", "a", 10, 0.5)]), samples::run(&[("w", "a", 10, 0.4)]));
        let earlier = Earlier { name: "run 7", run: &before };
        assert_data_eq!(
            compare(&after, &earlier, None),
            str![[r#"
## Beside `run 7`

two separate runs, not a verdict

### `a` (`w`)

- Latency: 45us -> 36us (**-20%**)
- p99: 150us -> 120us (**-20%**)
- Cumulative: 500us -> 400us (**-20%**)

"#]]
            .raw()
        );
    }
}

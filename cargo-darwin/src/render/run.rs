//! The hot paths table for people, and what the table does not say.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::paint::Tone;
use super::table::{self, Group};
use super::{Earlier, Paint, View, compare, names, safe, units};
use crate::model::{Mode, Run, SiteRun};

/// Columns that a name gets even where the terminal is too narrow for the table.
const MIN_NAME_WIDTH: usize = 20;

/// Blanks between two columns.
const GAP: u16 = 2;

/// Head of the calls between sites.
const EDGES_HEAD: &str = "Caller -> callee";

/// Between the two.
const ARROW: &str = " -> ";

/// What the column of that name has.
const PEAK: &str = "Peak: most memory that one call held at once, without what there was when it began.";

/// Never-called sites named before "and N more": the list is a hint, JSON has all of them.
const NEVER_CALLED_SHOWN: usize = 10;

/// The hot paths of each workload, the sites that were never called, and how to read the figures. Several lines,
/// ending with a line break.
pub fn human(run: &Run, view: &View) -> String {
    let groups = table::groups(run, view.top);
    let several = groups.len() > 1;
    let mut parts: Vec<String> = groups.iter().map(|group| group_text(group, several, view)).collect();
    if groups.is_empty() {
        parts.push("no site was called\n".to_owned());
    }
    parts.extend(never_called(run).map(|line| line + "\n"));
    let footer: String = footer(run).iter().map(|line| view.paint.tone(Tone::Dim, line) + "\n").collect();
    parts.push(footer);
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The run beside an earlier one, site by site. Two runs, no verdict, and it says so.
pub fn compare(run: &Run, earlier: &Earlier<'_>, view: &View) -> String {
    compare::human(run, earlier, view)
}

/// `never called: a, b and 3 more`; `None` when every site was called.
pub(super) fn never_called(run: &Run) -> Option<String> {
    let names = table::never_called(run);
    let shown: Vec<String> = names.iter().take(NEVER_CALLED_SHOWN).map(|name| safe::line(name)).collect();
    let hidden = names.len() - shown.len();
    let more = if hidden > 0 { format!(" and {hidden} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("never called: {}{more}", shown.join(", ")))
}

/// How the figures are to be read: what the percentage is of, what was taken off, what a dash means.
pub(super) fn footer(run: &Run) -> Vec<String> {
    let seconds = units::seconds(run.seconds);
    let time = match run.mode {
        Mode::Graph => format!(
            "Self: time without the measured functions that it calls. Self % is of the measured processes' wall time ({seconds})."
        ),
        Mode::Exact | Mode::Adaptive => format!(
            "Time % is of the measured processes' wall time ({seconds}), inclusive: it may sum above 100 %."
        ),
    };
    let missing = run.sites.iter().any(|site| site.calls > 0 && site.allocs.is_none());
    let dash = match run.mode {
        Mode::Adaptive => "Adaptive: all calls are counted, some are timed; allocations are not counted.",
        Mode::Exact | Mode::Graph => "Allocs/call -: darwin_runtime::Alloc is not the global allocator.",
    };
    let recursion = "Calls a/b: b of them were not made from within the function itself.";
    let recurs =
        |site: &SiteRun| site.graph.as_ref().is_some_and(|graph| graph.primitive_calls != site.calls);
    let recursion = run.sites.iter().any(recurs).then(|| recursion.to_owned());
    let peak = table::has_peaks(run).then(|| PEAK.to_owned());
    let lines = [Some(time), recursion, call_cost(run), peak, missing.then(|| dash.to_owned())];
    lines.into_iter().flatten().collect()
}

/// `f: 2 calls panicked; not in its latencies`, for the sites of a group.
pub(super) fn unfinished(group: &Group<'_>) -> Vec<String> {
    let line = |site: &SiteRun| {
        let name = safe::line(&site.site.name);
        table::unfinished(site).map(|words| format!("{name}: {words}; not in its latencies"))
    };
    group.rows.iter().filter_map(|row| line(row.site)).collect()
}

fn call_cost(run: &Run) -> Option<String> {
    let (low, high) = table::call_costs(run)?;
    let cost = if units::duration(crate::model::Nanos(low)) == units::duration(crate::model::Nanos(high)) {
        units::duration(crate::model::Nanos(low))
    } else {
        let ends = [low, high].map(|cost| units::duration(crate::model::Nanos(cost)));
        format!("{} to {}", ends[0], ends[1])
    };
    Some(format!("What an empty site shows ({cost} a call) is taken off."))
}

fn group_text(group: &Group<'_>, titled: bool, view: &View) -> String {
    let title = titled.then(|| {
        let title = format!("workload {}", safe::line(group.workload));
        view.paint.tone(Tone::Head, &title)
    });
    let mut lines: Vec<String> = title.into_iter().collect();
    let names: Vec<String> = group.rows.iter().map(|row| safe::line(&row.site.site.name)).collect();
    let figures: Vec<&[String]> = group.rows.iter().map(|row| &row.figures[..]).collect();
    let names = names::fitted(&names, name_width(&group.heads, &figures, view.width));
    lines.extend(table_lines(&group.heads, &names, &figures, view.paint));
    lines.extend(table::hidden_line(group.hidden));
    lines.extend(unfinished(group));
    lines.extend(edge_lines(group, view));
    lines.join("\n") + "\n"
}

/// Who called whom; nothing but in graph mode.
fn edge_lines(group: &Group<'_>, view: &View) -> Vec<String> {
    if group.edges.is_empty() {
        return Vec::new();
    }
    let heads: Vec<&str> = [EDGES_HEAD].into_iter().chain(table::EDGE_HEADS).collect();
    let figures: Vec<&[String]> = group.edges.iter().map(|edge| &edge.figures[..]).collect();
    let ends = group.edges.iter().flat_map(|edge| [edge.caller, edge.callee]).map(safe::line);
    let width = name_width(&heads, &figures, view.width).saturating_sub(ARROW.len()) / 2;
    let ends = names::fitted(&ends.collect::<Vec<String>>(), width);
    let names: Vec<String> = ends.chunks(2).map(|ends| ends.join(ARROW)).collect();
    let blank = std::iter::once(String::new());
    blank.chain(table_lines(&heads, &names, &figures, view.paint)).collect()
}

/// Names and figures below their heads.
fn table_lines(heads: &[&str], names: &[String], figures: &[&[String]], paint: Paint) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heads);
    for (name, figures) in names.iter().zip(figures) {
        table.add_row(std::iter::once(name).chain(*figures));
    }
    for column in table.column_iter_mut() {
        let first = column.index == 0;
        column.set_padding((if first { 0 } else { GAP }, 0));
        column.set_cell_alignment(if first { CellAlignment::Left } else { CellAlignment::Right });
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.enumerate().map(|(at, line)| if at == 0 { head(paint, &line) } else { line }).collect()
}

fn head(paint: Paint, line: &str) -> String {
    paint.tone(Tone::Head, line)
}

/// What the columns of numbers leave of the width; they are ASCII, so a byte is a column.
fn name_width(heads: &[&str], figures: &[&[String]], width: usize) -> usize {
    let column = |at: usize| {
        let widest = figures.iter().map(|figures| figures[at].len()).max().unwrap_or(0);
        widest.max(heads[at + 1].len()) + usize::from(GAP)
    };
    let numbers: usize = (0..heads.len() - 1).map(column).sum();
    width.saturating_sub(numbers).max(MIN_NAME_WIDTH)
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::*;
    use crate::render::samples;

    const VIEW: View = View { paint: Paint::Plain, width: 80, top: Some(3) };

    #[test]
    fn the_hottest_sites_stand_first_and_the_rest_is_counted() {
        let mut run = samples::run(&[
            ("replay", "order_book::book::Book::insert", 120_000, 400.0),
            ("replay", "<order_book::book::Book<_> as order_book::feed::Sink>::accept", 1, 900.0),
            ("replay", "order_book::parse", 4_321, 0.02),
            ("replay", "order_book::book::Book::cancel", 7, 0.001),
            ("replay", "order_book::book::Book::replace", 0, 0.0),
        ]);
        run.sites[0].allocs = Some(240_000);
        run.sites[0].peak_bytes = Some(4096);
        run.sites[0].panicked = 2;
        assert_data_eq!(
            human(&run, &VIEW),
            str![[r#"
Function           Time %  Calls  Cumulative      p50      p99  Allocs/call   Peak
…::accept          90.0 %      1      900 ms   810 ms   2.70 s            -      -
…::Book::insert    40.0 %   120k      400 ms  3.00 us  10.0 us            2  4 KiB
order_book::parse   0.0 %   4321     20.0 us  4.17 ns  13.9 ns            -      -
1 more site not shown; --top N shows them
order_book::book::Book::insert: 2 calls panicked; not in its latencies

never called: order_book::book::Book::replace

Time % is of the measured processes' wall time (1.0 s), inclusive: it may sum above 100 %.
What an empty site shows (17.2 ns a call) is taken off.
Peak: most memory that one call held at once, without what there was when it began.
Allocs/call -: darwin_runtime::Alloc is not the global allocator.

"#]]
        );
    }

    #[test]
    fn several_workloads_have_a_table_each() {
        let run = samples::run(&[("replay", "a::b", 5, 1.0), ("parse", "a::c", 5, 2.0)]);
        assert_data_eq!(
            human(&run, &VIEW),
            str![[r#"
workload parse
Function  Time %  Calls  Cumulative     p50      p99  Allocs/call
a::c       0.2 %      5     2.00 ms  360 us  1.20 ms            -

workload replay
Function  Time %  Calls  Cumulative     p50     p99  Allocs/call
a::b       0.1 %      5     1.00 ms  180 us  600 us            -

Time % is of the measured processes' wall time (1.0 s), inclusive: it may sum above 100 %.
What an empty site shows (17.2 ns a call) is taken off.
Allocs/call -: darwin_runtime::Alloc is not the global allocator.

"#]]
        );
    }

    #[test]
    fn graph_mode_shows_self_time_and_who_called_whom() {
        assert_data_eq!(
            human(&samples::graph_run(), &VIEW),
            str![[r#"
Function  Self %  Calls    Self  Cumulative      p50      p99  Allocs/call
leaf      60.0 %   1000  600 ms      600 ms   540 us  1.80 ms            -
fib       30.0 %  177/1  300 ms      900 ms  4.58 ms  15.3 ms            -

Caller -> callee  Calls    Self  Cumulative
fib -> fib        176/2  299 ms      890 ms
fib -> leaf        1000  600 ms      600 ms

Self: time without the measured functions that it calls. Self % is of the measured processes' wall time (1.0 s).
Calls a/b: b of them were not made from within the function itself.
What an empty site shows (17.2 ns a call) is taken off.
Allocs/call -: darwin_runtime::Alloc is not the global allocator.

"#]]
        );
    }

    #[test]
    fn adaptive_mode_says_what_it_leaves_out() {
        let run = Run { mode: Mode::Adaptive, ..samples::run(&[("w", "a", 5, 1.0)]) };
        assert!(footer(&run).iter().any(|line| line.contains("some are timed")), "{:?}", footer(&run));
    }

    #[test]
    fn a_run_that_called_nothing_says_so() {
        let run = samples::run(&[("w", "a", 0, 0.0)]);
        assert_data_eq!(
            human(&run, &VIEW),
            str![[r#"
no site was called

never called: a

Time % is of the measured processes' wall time (1.0 s), inclusive: it may sum above 100 %.

"#]]
        );
    }

    #[test]
    fn a_long_list_of_never_called_sites_is_capped() {
        let names: Vec<String> = (10..25).map(|n| format!("f{n}")).collect();
        let sites: Vec<_> = names.iter().map(|name| ("w", name.as_str(), 0, 0.0)).collect();
        let line = never_called(&samples::run(&sites)).unwrap();
        assert!(line.starts_with("never called: f10, f11,") && line.ends_with("f19 and 5 more"), "{line}");
    }

    #[test]
    fn a_table_that_fits_is_no_wider_than_the_terminal() {
        let run = samples::run(&[("w", "some::very::long::path::to::a::Type::method", 5, 1.0)]);
        let text = human(&run, &VIEW);
        assert!(text.lines().take(2).all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn colour_is_in_the_heading_only_and_leaves_the_columns_alone() {
        let run = samples::run(&[("w", "a", 5, 1.0)]);
        let coloured = human(&run, &View { paint: Paint::Ansi, ..VIEW });
        assert_eq!(safe::text(&coloured), human(&run, &VIEW));
        assert!(coloured.starts_with("\x1b[1mFunction"));
    }
}

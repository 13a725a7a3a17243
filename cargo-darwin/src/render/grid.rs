//! The changed sites in columns: sign, name, verdict, `Latency: 50us -> 40us (**-20%**)`, interval, bar. One line a site,
//! and one more for each further metric that changed. Columns give way from the right as the terminal gets narrower.

use super::line::Line;
use super::paint::Tone;
use super::site::{self, verdict_word};
use super::{Look, Paint, line, names, safe};
use crate::model::CheckedSite;

/// Columns of a full bar, and of one for a narrow terminal.
const BARS: [usize; 2] = [10, 5];

/// Blanks between two columns.
const GAP: usize = 2;

/// Names get this much before a bar is drawn in full.
const COMFORTABLE_NAME: usize = 24;

/// With less than this, the name is better off on a line of its own.
const LEAST_NAME: usize = 12;

/// The indent of what belongs to the line above.
const INDENT: usize = 4;

/// The sign and the blank behind it.
const SIGN: usize = 2;

/// A site with what changed at it.
struct Row<'a> {
    site: &'a CheckedSite,
    name: String,
    lines: Vec<Line>,
}

/// What is shown at this width, and how wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    /// Zero: names stand above.
    name: usize,
    /// Zero: the sign and the colour have to do.
    verdict: usize,
    delta: usize,
    interval: usize,
    bar: usize,
    aside: bool,
}

/// The lines of these sites, in this order; the workload stands above its sites where `titled`.
pub(super) fn lines(sites: &[&CheckedSite], titled: bool, look: &Look) -> Vec<String> {
    let mut rows: Vec<Row<'_>> = sites.iter().map(|site| row(site)).collect();
    let columns = columns(&rows, look);
    shorten(&mut rows, columns.name);
    let mut text = Vec::new();
    let mut workload = None;
    for row in &rows {
        if titled && workload != Some(&row.site.key.workload) {
            workload = Some(&row.site.key.workload);
            let title = format!("workload {}", safe::line(&row.site.key.workload));
            text.push(look.paint.tone(Tone::Head, &title));
        }
        text.extend(row_lines(row, columns, look.paint));
    }
    text
}

fn row(site: &CheckedSite) -> Row<'_> {
    let mut lines = line::changed(site);
    let note = site.note.as_ref().map(|note| safe::line(note));
    match (lines.last_mut(), note) {
        (Some(last), Some(note)) => last.beneath.push(format!("note: {note}")),
        (None, Some(note)) => lines.push(Line::words(note)),
        (_, None) => {}
    }
    Row { site, name: safe::line(&site.key.site), lines }
}

/// The richest set of columns that fits, from the left: name, delta and interval always.
fn columns(rows: &[Row<'_>], look: &Look) -> Columns {
    let in_columns = || rows.iter().flat_map(|row| &row.lines).filter(|line| !line.interval.is_empty());
    let widest = |width: &dyn Fn(&Line) -> usize| in_columns().map(width).max().unwrap_or(0);
    let name = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let verdict = rows.iter().map(|row| verdict_word(row.site.verdict).len()).max().unwrap_or(0);
    let delta = widest(&|line| visible(&line.delta(look.paint)));
    let interval = widest(&|line| line.interval.chars().count());
    let aside = widest(&|line| line.aside.chars().count());
    let bars = if in_columns().any(|line| line.extent.is_some()) { BARS } else { [0, 0] };
    let choice = |verdict: usize, bar: usize, aside: usize, least_name: usize| {
        let others = [delta, interval, verdict, bar, aside].into_iter().filter(|&width| width > 0);
        let rest = SIGN + others.map(|width| GAP + width).sum::<usize>();
        let room = look.width.saturating_sub(rest);
        let columns = Columns { name: room.min(name), verdict, delta, interval, bar, aside: aside > 0 };
        (room >= name.min(least_name)).then_some(columns)
    };
    choice(verdict, bars[0], aside, usize::MAX)
        .or_else(|| choice(verdict, bars[0], 0, COMFORTABLE_NAME))
        .or_else(|| choice(verdict, bars[1], 0, COMFORTABLE_NAME))
        .or_else(|| choice(0, bars[1], 0, LEAST_NAME))
        .unwrap_or_else(|| stacked(delta, interval, verdict, look.width))
}

fn stacked(delta: usize, interval: usize, verdict: usize, width: usize) -> Columns {
    let bar = if INDENT + delta + interval + 2 * GAP + BARS[1] <= width { BARS[1] } else { 0 };
    Columns { name: 0, verdict, delta, interval, bar, aside: false }
}

/// Names that would not be told apart stay whole, and so get a line of their own.
fn shorten(rows: &mut [Row<'_>], width: usize) {
    if width == 0 {
        return;
    }
    let whole: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    rows.iter_mut().zip(names::fitted_in_the_middle(&whole, width)).for_each(|(row, name)| row.name = name);
}

fn row_lines(row: &Row<'_>, columns: Columns, paint: Paint) -> Vec<String> {
    let (sign, word) = (site::sign(row.site), verdict_word(row.site.verdict));
    let tone = site::tone(row.site);
    let own_line = row.name.chars().count() > columns.name;
    let mut text = Vec::new();
    let mut heads = Vec::new();
    if columns.name == 0 {
        text.push(paint.tone(tone, &format!("{sign} {}  {word}", row.name)));
    } else {
        let name = if own_line { "" } else { &row.name };
        text.extend(own_line.then(|| paint.tone(tone, &format!("{sign} {}", row.name))));
        let sign = if own_line { " " } else { sign };
        let verdict =
            if columns.verdict > 0 { format!("  {word:<0$}", columns.verdict) } else { String::new() };
        heads.push(paint.tone(tone, &format!("{sign} {name:<0$}{verdict}", columns.name)));
    }
    let blank = " ".repeat(heads.first().map_or(INDENT - GAP, |head| visible(head)));
    let heads = heads.into_iter().chain(std::iter::repeat(blank));
    let lines = row.lines.iter().zip(heads.clone());
    text.extend(lines.flat_map(|(line, head)| {
        let told = format!("{head}  {}", cells(line, columns, paint));
        std::iter::once(told).chain(beneath(line, columns, paint))
    }));
    // What is rejected or open without a line of its own is named all the same.
    text.extend(heads.take(usize::from(row.lines.is_empty() && columns.name > 0)));
    text.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn cells(line: &Line, columns: Columns, paint: Paint) -> String {
    let delta = line.delta(paint);
    if line.interval.is_empty() {
        return delta;
    }
    let fill = " ".repeat(columns.delta.saturating_sub(visible(&delta)));
    let bar = line.bar(columns.bar);
    let blanks = " ".repeat(columns.bar - bar.len());
    let bar = if bar.is_empty() { String::new() } else { paint.tone(line.tone, &bar) };
    let aside = if columns.aside { format!("  {}", line.aside) } else { String::new() };
    let text = format!("{delta}{fill}  {:<1$}  {bar}{blanks}{aside}", line.interval, columns.interval);
    text.trim_end().to_owned()
}

fn beneath(line: &Line, columns: Columns, paint: Paint) -> Vec<String> {
    let indent = " ".repeat(if columns.name == 0 { INDENT + GAP } else { INDENT });
    let indented = |remark: &String| paint.tone(Tone::Dim, &format!("{indent}{remark}"));
    line.beneath.iter().map(indented).collect()
}

/// Characters that are seen: without the escapes of the colours.
fn visible(text: &str) -> usize {
    safe::line(text).chars().count()
}

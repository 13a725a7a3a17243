//! The sites of the program: those that `inventory` collected, and those that only a call has shown (a constructor can
//! be lost by the linker). Ids are given once per process; a forked child writes the same ones into its own map.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};

use super::{control, map, place, steps};
use crate::layout::{Address, BudgetRecord};
use crate::pacing;
use crate::site::{Metric, Site};

/// What `inventory` collects.
#[derive(Debug)]
pub struct Submitted(pub &'static Site);

inventory::collect!(Submitted);

/// The site registered last; the others follow through `Site::next`.
static NEWEST: Address<Site> = Address::none();
static COUNT: AtomicU32 = AtomicU32::new(0);
static REGISTERING: AtomicBool = AtomicBool::new(false);

/// Gives every collected site an id and writes all known sites into the new map. The caller is alone.
pub(super) fn register_all() {
    for Submitted(site) in inventory::iter::<Submitted> {
        remember(site);
    }
    let (mut next, mut file) = (NEWEST.load(Acquire), None);
    while let Some(site) = next {
        write(site, &mut file);
        next = site.next.load(Relaxed);
    }
}

/// The id of `site`, registered now if it was not. Waits for another thread that registers.
pub(super) fn id_of(site: &'static Site) -> u32 {
    if site.id() == 0 {
        steps::lock(&REGISTERING);
        if remember(site) {
            write(site, &mut None);
        }
        steps::unlock(&REGISTERING);
    }
    site.id()
}

/// After a fork another thread of the parent may have held the lock, in the middle of [`remember`]: what it had begun
/// is undone, or finished.
pub(super) fn unlock() {
    if let Some(newest) = NEWEST.load(Acquire) {
        match newest.id() {
            0 => NEWEST.store(newest.next.load(Relaxed), Relaxed),
            id => COUNT.store(id, Relaxed),
        }
    }
    steps::unlock(&REGISTERING);
}

pub(super) fn count() -> u32 {
    COUNT.load(Relaxed)
}

/// Gives `site` an id; `false` when it has one. The caller is alone, and [`unlock`] counts on the order of the stores.
fn remember(site: &'static Site) -> bool {
    if site.id() != 0 {
        return false;
    }
    site.next.store(NEWEST.load(Relaxed), Relaxed);
    NEWEST.store(Some(site), Release);
    let id = COUNT.load(Relaxed) + 1;
    site.set_paces(control::is_pacing(|| pacing::hash(site.name().parts())));
    site.set_id(id);
    COUNT.store(id, Release);
    true
}

/// A text in the map: its offset, and its length in bytes.
type Text = (u64, u64);

/// Writes the site's record and puts it at the head of the map's list. `last_file` is the name of the last record's file, which
/// most often is that of this one too.
fn write(site: &'static Site, last_file: &mut Option<(&'static str, Text)>) -> Option<()> {
    map::header()?;
    let (name_at, name_bytes) = write_text(site.name().parts())?;
    let file = site.place.file;
    let (file_at, file_bytes) = match last_file.filter(|(last, _)| *last == file) {
        Some((_, text)) => text,
        None => last_file.insert((file, write_text(std::iter::once(file))?)).1,
    };
    let budgets_at = write_budgets(site.budgets)?;
    place::add_record(|record| {
        record.id.store(site.id(), Relaxed);
        record.kind.store(site.kind as u32, Relaxed);
        record.line.store(site.place.line, Relaxed);
        record.column.store(site.place.column, Relaxed);
        for (field, value) in [
            (&record.name_at, name_at),
            (&record.name_bytes, name_bytes),
            (&record.file_at, file_at),
            (&record.file_bytes, file_bytes),
            (&record.budgets_at, budgets_at),
            (&record.budget_count, site.budgets.len() as u64),
        ] {
            field.store(value, Relaxed);
        }
    })
}

/// Copies `parts`, one behind the other: the program's own memory is gone when the map is read.
fn write_text<'a>(parts: impl Iterator<Item = &'a str> + Clone) -> Option<Text> {
    let bytes: usize = parts.clone().map(str::len).sum();
    let place = map::allocate_many::<AtomicU8>(bytes)?;
    let mut rest = place;
    for part in parts {
        let (to, behind) = rest.split_at(part.len());
        to.iter().zip(part.bytes()).for_each(|(to, from)| to.store(from, Relaxed));
        rest = behind;
    }
    Some((map::offset(place), bytes as u64))
}

fn write_budgets(budgets: &[(Metric, f64)]) -> Option<u64> {
    if budgets.is_empty() {
        return Some(0);
    }
    let records = map::allocate_many::<BudgetRecord>(budgets.len())?;
    for (record, (metric, limit)) in records.iter().zip(budgets) {
        record.metric.store(*metric as u64, Relaxed);
        record.limit_bits.store(limit.to_bits(), Relaxed);
    }
    Some(map::offset(records))
}

/// Tells the reader how many items and bytes one call of `site` handles.
pub(crate) fn set_throughput(site: &'static Site, items: u64, bytes: u64) {
    for record in place::records().filter(|record| record.id.load(Relaxed) == site.id()) {
        store(&record.items_per_call, items);
        store(&record.bytes_per_call, bytes);
    }
}

fn store(field: &AtomicU64, value: u64) {
    field.store(value, Relaxed);
}

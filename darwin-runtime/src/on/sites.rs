//! The sites of the program: those that `inventory` collected, and those that only a call has shown (a constructor can
//! be lost by the linker). Ids are given once per process; a forked child writes the same ones into its own map.
#![allow(unsafe_code, reason = "writes records into the shared map")]

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64};

use super::{control, map, steps};
use crate::layout::{BudgetRecord, SiteRecord};
use crate::pacing;
use crate::site::{Metric, Site};

/// What `inventory` collects.
#[derive(Debug)]
pub struct Submitted(pub &'static Site);

inventory::collect!(Submitted);

/// The site registered last; the others follow through `Site::next`.
static NEWEST: AtomicPtr<Site> = AtomicPtr::new(ptr::null_mut());
static COUNT: AtomicU32 = AtomicU32::new(0);
static REGISTERING: AtomicBool = AtomicBool::new(false);

/// Gives every collected site an id and writes all known sites into the new map. The caller is alone.
pub(super) fn register_all() {
    for Submitted(site) in inventory::iter::<Submitted> {
        remember(site);
    }
    let mut next = NEWEST.load(Acquire);
    // SAFETY: the list holds `&'static Site` only.
    while let Some(site) = unsafe { next.as_ref() } {
        write(site);
        next = site.next.load(Relaxed);
    }
}

/// The id of `site`, registered now if it was not. Waits for another thread that registers.
pub(super) fn id_of(site: &'static Site) -> u32 {
    if site.id() == 0 {
        steps::lock(&REGISTERING);
        if remember(site) {
            write(site);
        }
        steps::unlock(&REGISTERING);
    }
    site.id()
}

/// After a fork another thread of the parent may have held the lock, in the middle of [`remember`]: what it had begun
/// is undone, or finished.
pub(super) fn unlock() {
    // SAFETY: null, or a `&'static Site`.
    if let Some(newest) = unsafe { NEWEST.load(Acquire).as_ref() } {
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
    NEWEST.store(ptr::from_ref(site).cast_mut(), Release);
    let id = COUNT.load(Relaxed) + 1;
    site.set_paces(control::is_pacing(pacing::hash(site.name().parts())));
    site.set_id(id);
    COUNT.store(id, Release);
    true
}

/// Writes the site's record and puts it at the head of the map's list.
fn write(site: &'static Site) -> Option<()> {
    let header = map::header()?;
    let (name_at, name_bytes) = write_text(site.name().parts())?;
    let (file_at, file_bytes) = write_text(std::iter::once(site.place.file))?;
    let budgets_at = write_budgets(site.budgets)?;
    let record = map::allocate::<SiteRecord>(0)?;
    // SAFETY: fresh zeroed memory of that size in the map; zero is a valid value of every field.
    let fields = unsafe { &*record };
    fields.id.store(site.id(), Relaxed);
    fields.kind.store(site.kind as u32, Relaxed);
    fields.line.store(site.place.line, Relaxed);
    fields.column.store(site.place.column, Relaxed);
    for (field, value) in [
        (&fields.name_at, name_at),
        (&fields.name_bytes, name_bytes),
        (&fields.file_at, file_at),
        (&fields.file_bytes, file_bytes),
        (&fields.budgets_at, budgets_at),
        (&fields.budget_count, site.budgets.len() as u64),
        (&fields.next_at, header.sites_at.load(Relaxed)),
    ] {
        field.store(value, Relaxed);
    }
    header.sites_at.store(map::offset(record), Release);
    header.site_count.fetch_add(1, Release);
    Some(())
}

/// Copies `parts`, one behind the other: the program's own memory is gone when the map is read.
fn write_text<'a>(parts: impl Iterator<Item = &'a str> + Clone) -> Option<(u64, u64)> {
    let bytes: usize = parts.clone().map(str::len).sum();
    let place = map::allocate::<[u8; 0]>(bytes as u64)?.cast::<u8>();
    let mut at = place;
    for part in parts {
        // SAFETY: the parts together have the length of the fresh allocation.
        unsafe {
            ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
            at = at.add(part.len());
        }
    }
    Some((map::offset(place), bytes as u64))
}

fn write_budgets(budgets: &[(Metric, f64)]) -> Option<u64> {
    if budgets.is_empty() {
        return Some(0);
    }
    let records = map::allocate::<[BudgetRecord; 0]>(size_of_val(budgets) as u64)?.cast::<BudgetRecord>();
    for (number, (metric, limit)) in budgets.iter().enumerate() {
        // SAFETY: a `BudgetRecord` is no larger than a budget, so `number` of them fit; fresh zeroed memory.
        let record = unsafe { &*records.add(number) };
        record.metric.store(*metric as u64, Relaxed);
        record.limit_bits.store(limit.to_bits(), Relaxed);
    }
    Some(map::offset(records))
}

const _: () = assert!(size_of::<BudgetRecord>() <= size_of::<(Metric, f64)>());

/// Tells the reader how many items and bytes one call of `site` handles.
pub(crate) fn set_throughput(site: &'static Site, items: u64, bytes: u64) {
    let Some(header) = map::header() else { return };
    let mut at = header.sites_at.load(Acquire);
    while at != 0 {
        // SAFETY: the list of the map holds offsets of records that `write` completed.
        let record = unsafe { &*map::at::<SiteRecord>(at) };
        if record.id.load(Relaxed) == site.id() {
            store(&record.items_per_call, items);
            store(&record.bytes_per_call, bytes);
        }
        at = record.next_at.load(Relaxed);
    }
}

fn store(field: &AtomicU64, value: u64) {
    field.store(value, Relaxed);
}

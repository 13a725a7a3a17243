//! The list of sites in a map, with names made distinct.

use std::collections::BTreeMap;
use std::mem::offset_of;

use darwin_runtime::layout::{BudgetRecord, SiteRecord, budget_metric, site_kind};

use super::bytes::{Bytes, Record};
use crate::model::{Budget, BudgetMetric, Site, SiteKind};

/// Most sites that a map may hold: more than any program has, and a bound on what a damaged list costs.
const MOST_SITES: usize = 1 << 20;
/// Most budgets of one site: one per metric.
const MOST_BUDGETS: u64 = 16;

/// A site as a map has it.
#[derive(Debug, Clone)]
pub struct RawSite {
    /// Id in this map, from 1.
    pub id: u32,
    /// `None` for the runtime's own empty site.
    pub site: Option<Site>,
    column: u32,
}

impl RawSite {
    /// A site made by hand, for tests.
    #[cfg(test)]
    pub(crate) fn named(id: u32, site: Site) -> RawSite {
        RawSite { id, site: Some(site), column: 1 }
    }
}

/// Follows the list from `first`; the result is in the order of ids, which run from 1 without a gap.
pub(super) fn read(bytes: &Bytes, first: u64) -> Result<Vec<RawSite>, &'static str> {
    let mut sites = Vec::new();
    let mut at = first;
    while at != 0 {
        if sites.len() >= MOST_SITES {
            return Err("its list of sites has no end");
        }
        let record = bytes.record(at, size_of::<SiteRecord>()).ok_or("a site lies outside the file")?;
        sites.push(read_one(bytes, record).ok_or("a site's name or budget lies outside the file")?);
        at = record.u64(offset_of!(SiteRecord, next_at)).unwrap_or(0);
    }
    sites.sort_by_key(|site| site.id);
    if sites.iter().zip(1..).any(|(site, id)| site.id != id) {
        return Err("its site ids have gaps");
    }
    number_repeats(&mut sites);
    Ok(sites)
}

fn read_one(bytes: &Bytes, record: Record<'_>) -> Option<RawSite> {
    let id = record.u32(offset_of!(SiteRecord, id))?;
    let column = record.u32(offset_of!(SiteRecord, column))?;
    let kind = match record.u32(offset_of!(SiteRecord, kind))? {
        site_kind::FUNCTION => SiteKind::Function,
        site_kind::ASYNC => SiteKind::Async,
        site_kind::BENCH => SiteKind::Bench,
        site_kind::SCOPE => SiteKind::Scope,
        site_kind::CALIBRATION => return Some(RawSite { id, site: None, column }),
        _ => return None,
    };
    let text = |at, length| bytes.text(record.u64(at)?, record.u64(length)?);
    let site = Site {
        name: text(offset_of!(SiteRecord, name_at), offset_of!(SiteRecord, name_bytes))?,
        kind,
        file: text(offset_of!(SiteRecord, file_at), offset_of!(SiteRecord, file_bytes))?,
        line: record.u32(offset_of!(SiteRecord, line))?,
        budgets: read_budgets(bytes, record)?,
        items_per_call: record.u64(offset_of!(SiteRecord, items_per_call))?,
        bytes_per_call: record.u64(offset_of!(SiteRecord, bytes_per_call))?,
    };
    Some(RawSite { id, site: Some(site), column })
}

fn read_budgets(bytes: &Bytes, record: Record<'_>) -> Option<Vec<Budget>> {
    let first = record.u64(offset_of!(SiteRecord, budgets_at))?;
    let count = record.u64(offset_of!(SiteRecord, budget_count))?.min(MOST_BUDGETS);
    (0..count)
        .map(|number| {
            let size = size_of::<BudgetRecord>();
            let budget = bytes.record(first.checked_add(number * size as u64)?, size)?;
            let limit = f64::from_bits(budget.u64(offset_of!(BudgetRecord, limit_bits))?);
            let metric = budget_metric(budget.u64(offset_of!(BudgetRecord, metric))?)?;
            limit.is_finite().then_some(Budget { metric, limit })
        })
        .collect()
}

fn budget_metric(code: u64) -> Option<BudgetMetric> {
    Some(match code {
        budget_metric::P50 => BudgetMetric::P50,
        budget_metric::P90 => BudgetMetric::P90,
        budget_metric::P99 => BudgetMetric::P99,
        budget_metric::P999 => BudgetMetric::P999,
        budget_metric::MEAN => BudgetMetric::Mean,
        budget_metric::MAX => BudgetMetric::Max,
        budget_metric::ALLOCS => BudgetMetric::Allocs,
        budget_metric::BYTES => BudgetMetric::Bytes,
        _ => return None,
    })
}

/// Two sites of one name get `#2`, `#3` ... in source order, so that names stay when the linker's order changes.
fn number_repeats(sites: &mut [RawSite]) {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, raw) in sites.iter().enumerate() {
        if let Some(site) = &raw.site {
            by_name.entry(site.name.clone()).or_default().push(index);
        }
    }
    for mut same in by_name.into_values().filter(|same| same.len() > 1) {
        same.sort_by_key(|index| source_order(&sites[*index]));
        for (repeat, index) in same.into_iter().enumerate().skip(1) {
            if let Some(site) = &mut sites[index].site {
                site.name = format!("{}#{}", site.name, repeat + 1);
            }
        }
    }
}

fn source_order(raw: &RawSite) -> (String, u32, u32) {
    raw.site.as_ref().map_or_else(Default::default, |site| (site.file.clone(), site.line, raw.column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(id: u32, name: &str, line: u32) -> RawSite {
        let site = Site {
            name: name.to_owned(),
            kind: SiteKind::Scope,
            file: "src/lib.rs".to_owned(),
            line,
            budgets: Vec::new(),
            items_per_call: 0,
            bytes_per_call: 0,
        };
        RawSite { id, site: Some(site), column: 1 }
    }

    #[test]
    fn repeats_are_numbered_in_source_order_whatever_their_ids() {
        let mut sites = [raw(1, "f", 30), raw(2, "f", 10), raw(3, "g", 20)];
        number_repeats(&mut sites);
        let names: Vec<_> =
            sites.iter().filter_map(|raw| raw.site.as_ref().map(|site| site.name.as_str())).collect();
        assert_eq!(names, ["f#2", "f", "g"]);
    }
}

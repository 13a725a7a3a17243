//! Counting clock changes by year.

use darwin_runtime::hotpath;

use crate::history::Change;
use crate::time::{Year, Years};

/// How often clocks were changed in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Changes, in all zones together.
    pub changes: u32,
    /// Those that brought summer time.
    pub to_summer: u32,
    /// Zones with at least one.
    pub zones: u32,
}

/// The clock changes of the zones that were added, by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally<'a> {
    years: Years,
    /// One for each of the years.
    counts: Vec<Count>,
    busiest: Option<(&'a str, usize)>,
}

impl<'a> Tally<'a> {
    /// Of no zone yet.
    pub fn new(years: Years) -> Self {
        Self { years, counts: vec![Count::default(); years.iter().count()], busiest: None }
    }

    /// Adds a zone: all its changes, oldest first.
    #[hotpath(p50 = "20us", allocs = 0)]
    pub fn add(&mut self, zone: &'a str, changes: &[Change]) {
        let mut latest = None;
        for change in changes {
            let year = change.at.year();
            let Some(place) = self.years.place(year) else { continue };
            let count = &mut self.counts[place];
            count.changes += 1;
            count.to_summer += u32::from(change.after.is_summer);
            // Changes are in order: the first of its year is the one that comes after another year.
            count.zones += u32::from(latest != Some(year));
            latest = Some(year);
        }
        if self.busiest.is_none_or(|(_, most)| changes.len() > most) {
            self.busiest = Some((zone, changes.len()));
        }
    }

    /// What was counted in a year; nothing outside of the years.
    pub fn of(&self, year: Year) -> Count {
        self.years.place(year).map_or(Count::default(), |place| self.counts[place])
    }

    /// The zone with the most changes, and how many it had.
    pub fn busiest(&self) -> Option<(&'a str, usize)> {
        self.busiest
    }

    /// The years that are counted.
    pub fn years(&self) -> Years {
        self.years
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::history::{History, LocalTime};
    use crate::time::Offset;

    const YEARS: Years = Years { first: Year(1800), last: Year(2037) };

    fn change(year: i32, day: i32, is_summer: bool) -> Change {
        let local = |is_summer| LocalTime { offset: Offset(3_600 * i32::from(is_summer)), is_summer };
        let at = Year(year).first_day().at(day * 86_400, Offset(0));
        Change { at, before: local(!is_summer), after: local(is_summer) }
    }

    #[test]
    fn a_zone_counts_once_a_year_however_often_it_changes_its_clocks() {
        let mut tally = Tally::new(YEARS);
        tally.add("A/There", &[change(1916, 120, true), change(1916, 270, false), change(1917, 100, true)]);
        tally.add("A/Back", &[change(1916, 121, true), change(1916, 271, false)]);
        assert_eq!(tally.of(Year(1916)), Count { changes: 4, to_summer: 2, zones: 2 });
        assert_eq!(tally.of(Year(1917)), Count { changes: 1, to_summer: 1, zones: 1 });
        assert_eq!(tally.of(Year(1918)), Count::default());
        assert_eq!(tally.busiest(), Some(("A/There", 3)));
    }

    #[test]
    fn changes_outside_of_the_years_are_not_counted() {
        let mut tally = Tally::new(Years { first: Year(1917), last: Year(1917) });
        tally.add("A/B", &[change(1916, 0, true), change(1917, 0, false), change(1918, 0, true)]);
        assert_eq!(tally.of(Year(1917)), Count { changes: 1, to_summer: 0, zones: 1 });
        assert_eq!((tally.of(Year(1916)), tally.of(Year(1918))), (Count::default(), Count::default()));
    }

    /// The same, too simple to be wrong: a map of years, each with the set of its zones.
    #[test]
    fn over_the_whole_database_it_counts_what_maps_and_sets_do() {
        let mut expected: BTreeMap<Year, (Count, BTreeSet<&str>)> = BTreeMap::new();
        let mut tally = Tally::new(YEARS);
        for zone in crate::zones() {
            let history = History::read(zone.file).expect("the database is well formed");
            let mut changes = Vec::new();
            history.changes(YEARS, &mut changes);
            tally.add(zone.name, &changes);
            for change in changes {
                let year = YEARS.iter().rfind(|year| year.first_day().at(0, Offset(0)) <= change.at);
                let (count, zones) = expected.entry(year.expect("it is one of the years")).or_default();
                zones.insert(zone.name);
                count.changes += 1;
                count.to_summer += u32::from(change.after.is_summer);
            }
        }
        for year in YEARS.iter() {
            let (count, zones) = expected.remove(&year).unwrap_or_default();
            assert_eq!(tally.of(year), Count { zones: zones.len() as u32, ..count }, "{year:?}");
        }
    }
}

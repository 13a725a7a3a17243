//! Moments, years, and how far local time is from Greenwich.

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// A moment, in seconds since the beginning of 1970 in Greenwich, leap seconds left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(pub i64);

/// A year of the Gregorian calendar, also before there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Year(pub i32);

/// The years from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Years {
    /// The first of them.
    pub first: Year,
    /// The last of them; none if it is before the first.
    pub last: Year,
}

/// How far local time is ahead of Greenwich, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i32);

/// A day, in days since 1 January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) i64);

impl UnixTime {
    /// The year that it is in Greenwich at this moment.
    ///
    /// Counted in eras of 400 years, which all have 146097 days, and from March, so that the odd day is the last of its
    /// year (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    pub fn year(self) -> Year {
        let since_march_of_year_0 = self.0.div_euclid(SECONDS_OF_DAY) + 719_468;
        let era = since_march_of_year_0.div_euclid(146_097);
        let day = since_march_of_year_0.rem_euclid(146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day_of_year = day - (365 * year + year / 4 - year / 100);
        let of_the_next = i64::from(day_of_year >= 306);
        Year((era * 400 + year + of_the_next) as i32)
    }
}

impl Year {
    /// Its first of January.
    pub(crate) fn first_day(self) -> Day {
        let before = i64::from(self.0) - 1;
        let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
        Day(before * 365 + leap_days - 719_162)
    }

    /// Has it a 29th of February?
    pub(crate) fn is_leap(self) -> bool {
        self.0 % 4 == 0 && (self.0 % 100 != 0 || self.0 % 400 == 0)
    }

    /// The one after it.
    pub(crate) fn next(self) -> Year {
        Year(self.0.saturating_add(1))
    }
}

impl Years {
    /// All of them, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Year> {
        (self.first.0..=self.last.0).map(Year)
    }

    /// The place of a year among them; `None` if it is not one of them.
    pub(crate) fn place(self, year: Year) -> Option<usize> {
        let place = usize::try_from(i64::from(year.0) - i64::from(self.first.0)).ok()?;
        (year <= self.last).then_some(place)
    }
}

impl Day {
    /// The moment so many seconds after its midnight, where local time is `offset` ahead of Greenwich.
    pub(crate) fn at(self, seconds: i32, offset: Offset) -> UnixTime {
        UnixTime(self.0 * SECONDS_OF_DAY + i64::from(seconds) - i64::from(offset.0))
    }

    /// Its place in the week: 0 is a Sunday.
    pub(crate) fn weekday(self) -> i64 {
        // 1 January 1970 was a Thursday.
        (self.0 + 4).rem_euclid(7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition of a leap year alone.
    fn days(year: Year) -> i64 {
        365 + i64::from(year.is_leap())
    }

    #[test]
    fn each_year_begins_when_the_one_before_has_ended() {
        assert_eq!(Year(1970).first_day(), Day(0));
        for year in (-500..3_000).map(Year) {
            assert_eq!(year.next().first_day().0 - year.first_day().0, days(year), "{year:?}");
        }
    }

    #[test]
    fn a_moment_is_in_the_year_whose_first_and_last_second_it_lies_between() {
        for year in (-500..3_000).map(Year) {
            let begin = year.first_day().at(0, Offset(0));
            let end = UnixTime(year.next().first_day().at(0, Offset(0)).0 - 1);
            assert_eq!((begin.year(), end.year()), (year, year));
        }
    }

    #[test]
    fn local_time_ahead_of_greenwich_comes_to_a_midnight_earlier() {
        assert_eq!(Day(1).at(0, Offset(3_600)), UnixTime(SECONDS_OF_DAY - 3_600));
    }

    #[test]
    fn days_of_the_week_are_those_of_the_calendar() {
        // 31 December 1999 was a Friday, 1 January 2000 a Saturday.
        assert_eq!(Day(Year(2000).first_day().0 - 1).weekday(), 5);
        assert_eq!(Year(2000).first_day().weekday(), 6);
        assert_eq!(Year(1900).first_day().weekday(), 1);
    }

    #[test]
    fn years_know_their_places() {
        let years = Years { first: Year(1900), last: Year(1902) };
        assert_eq!(
            years.iter().map(|year| years.place(year)).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2)]
        );
        assert_eq!((years.place(Year(1899)), years.place(Year(1903))), (None, None));
    }
}

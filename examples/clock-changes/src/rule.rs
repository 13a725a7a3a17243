//! The rule for the years after the last change that a file lists.

use darwin_runtime::hotpath;

use crate::error::Malformed;
use crate::history::{Change, LocalTime};
use crate::time::{Day, Offset, Year};

/// Days before the first of each month, in a year without a 29th of February.
const DAYS_BEFORE_MONTH: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// Clocks go to summer time and back, each year on the same days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    standard: LocalTime,
    summer: LocalTime,
    begin: Switch,
    end: Switch,
}

/// When clocks are changed, by those clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Switch {
    month: usize,
    /// From 1; 5 is the last.
    week: i64,
    /// 0 is a Sunday.
    weekday: i64,
    /// From midnight on; may lie on the day before or some days later.
    seconds: i32,
}

impl Rule {
    /// Reads a rule as POSIX describes it in its variable `TZ`, such as `EST5EDT,M3.2.0,M11.1.0`; `None` if clocks stay as
    /// they are. Of the three ways to name a day only the one with `M` is read: the database has no other.
    ///
    /// # Errors
    ///
    /// [`Malformed::Rule`], with its text.
    #[hotpath(p50 = "1us", allocs = 0)]
    pub(crate) fn read(text: &[u8]) -> Result<Option<Self>, Malformed> {
        let wrong = || Malformed::Rule(String::from_utf8_lossy(text).into_owned());
        let mut text = Text { rest: text };
        text.rule().ok_or_else(wrong)
    }

    /// The two changes of a year, the earlier one first.
    pub(crate) fn changes(&self, year: Year) -> [Change; 2] {
        let Self { standard, summer, begin, end } = *self;
        let begin = begin.day(year).at(begin.seconds, standard.offset);
        let end = end.day(year).at(end.seconds, summer.offset);
        let to_summer = Change { at: begin, before: standard, after: summer };
        let to_standard = Change { at: end, before: summer, after: standard };
        if begin < end { [to_summer, to_standard] } else { [to_standard, to_summer] }
    }
}

impl Switch {
    /// The day of a year.
    fn day(self, year: Year) -> Day {
        let (first, length) = month(year, self.month);
        let to_weekday = (self.weekday - first.weekday()).rem_euclid(7);
        let day = to_weekday + 7 * (self.week - 1);
        // The last one may be the fourth.
        Day(first.0 + if day < length { day } else { day - 7 })
    }
}

/// The first day of a month, which is counted from 1, and how many days it has.
fn month(year: Year, month: usize) -> (Day, i64) {
    let leap_day = |before: bool| i64::from(before && year.is_leap());
    let begin = DAYS_BEFORE_MONTH[month - 1] + leap_day(month > 2);
    let end = DAYS_BEFORE_MONTH[month] + leap_day(month > 1);
    (Day(year.first_day().0 + begin), end - begin)
}

/// What has not been read yet of a rule. Each method gives `None` where the text is not of the form.
struct Text<'a> {
    rest: &'a [u8],
}

impl Text<'_> {
    fn rule(&mut self) -> Option<Option<Rule>> {
        if self.rest.is_empty() {
            return Some(None);
        }
        self.name()?;
        let standard = LocalTime { offset: self.offset()?, is_summer: false };
        if self.rest.is_empty() {
            return Some(None);
        }
        self.name()?;
        let usual = Offset(standard.offset.0 + 3_600);
        let offset = if self.rest.first() == Some(&b',') { usual } else { self.offset()? };
        let summer = LocalTime { offset, is_summer: true };
        let (begin, end) = (self.switch()?, self.switch()?);
        self.rest.is_empty().then_some(Some(Rule { standard, summer, begin, end }))
    }

    /// Letters, or anything between `<` and `>`.
    fn name(&mut self) -> Option<()> {
        let length = match self.rest.first()? {
            b'<' => self.rest.iter().position(|&byte| byte == b'>')? + 1,
            _ => self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count(),
        };
        self.rest = &self.rest[length..];
        (length > 0).then_some(())
    }

    /// Hours west of Greenwich, which is the other way round everywhere else.
    fn offset(&mut self) -> Option<Offset> {
        Some(Offset(-self.seconds()?))
    }

    /// `[+-]hh[:mm[:ss]]`.
    fn seconds(&mut self) -> Option<i32> {
        let sign = if self.skip(b'-') { -1 } else { 1 };
        self.skip(b'+');
        let mut seconds = self.number()? * 3_600;
        for unit in [60, 1] {
            if !self.skip(b':') {
                break;
            }
            seconds += self.number()? * unit;
        }
        Some(sign * seconds)
    }

    /// `,Mmonth.week.weekday[/time]`.
    fn switch(&mut self) -> Option<Switch> {
        let begins = self.skip(b',') && self.skip(b'M');
        let month = self.number().filter(|month| begins && (1..=12).contains(month))?;
        let week = self.number_after(b'.').filter(|week| (1..=5).contains(week))?;
        let weekday = self.number_after(b'.').filter(|day| (0..=6).contains(day))?;
        let seconds = if self.skip(b'/') { self.seconds()? } else { 2 * 3_600 };
        Some(Switch { month: month as usize, week: week.into(), weekday: weekday.into(), seconds })
    }

    fn number_after(&mut self, byte: u8) -> Option<i32> {
        if self.skip(byte) { self.number() } else { None }
    }

    /// One to three digits: no number of a rule has more.
    fn number(&mut self) -> Option<i32> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        let number = digits.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0'));
        (1..=3).contains(&length).then_some(number)
    }

    /// Goes past the next byte if it is this one.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.rest.first() == Some(&byte);
        self.rest = &self.rest[usize::from(is_next)..];
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixTime;

    fn changes(rule: &str, year: i32) -> [(i64, i32); 2] {
        let rule = Rule::read(rule.as_bytes()).expect("it is of the form").expect("clocks are changed");
        rule.changes(Year(year)).map(|change| (change.at.0, change.after.offset.0))
    }

    #[test]
    fn new_york_goes_by_its_second_sunday_of_march_and_first_of_november() {
        // 9 March 2025, 7:00 in Greenwich; 2 November 2025, 6:00.
        assert_eq!(
            changes("EST5EDT,M3.2.0,M11.1.0", 2025),
            [(1_741_503_600, -14_400), (1_762_063_200, -18_000)]
        );
    }

    #[test]
    fn the_fifth_week_is_the_last_of_its_month() {
        // 30 March and 26 October 2025, both at 1:00 in Greenwich.
        assert_eq!(changes("WET0WEST,M3.5.0/1,M10.5.0", 2025), [(1_743_296_400, 3_600), (1_761_440_400, 0)]);
        // 29 February 2004 was a fifth Sunday.
        let switch = Switch { month: 2, week: 5, weekday: 0, seconds: 0 };
        assert_eq!(switch.day(Year(2004)).0 - Year(2004).first_day().0, 59);
    }

    #[test]
    fn in_the_south_the_year_begins_in_summer() {
        let rule =
            Rule::read(b"AEST-10AEDT,M10.1.0,M4.1.0/3").expect("it is of the form").expect("it changes");
        let [first, second] = rule.changes(Year(2025));
        assert!(first.at < second.at);
        assert!(first.before.is_summer && second.after.is_summer);
    }

    #[test]
    fn the_time_may_be_before_midnight_or_days_later() {
        // Nuuk: 23:00 of the Saturday before; the Gaza Strip: 50 hours after the midnight of a Thursday.
        let nuuk = changes("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2025);
        assert_eq!(nuuk, [(1_743_296_400, -3_600), (1_761_440_400, -7_200)]);
        let gaza = changes("EET-2EEST,M3.4.4/50,M10.4.4/50", 2025);
        assert_eq!(gaza[0], (1_743_206_400, 10_800));
    }

    #[test]
    fn where_clocks_stay_there_is_no_rule() {
        for text in ["", "UTC0", "<+0545>-5:45", "<-00>0"] {
            assert_eq!(Rule::read(text.as_bytes()), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_not_of_the_form_is_refused_with_its_text() {
        let wrong = [
            "5",
            "EST",
            "EST5EDT",
            "EST5EDT,M3.2.0",
            "EST5EDT,J60,J300",
            "EST5EDT,M13.2.0,M11.1.0",
            "EST5EDT,M3.2.7,M11.1.0",
            "EST5EDT,M3.2.0,M11.1.0,",
            "EST5000EDT,M3.2.0,M11.1.0",
            "<EST5EDT",
        ];
        for text in wrong {
            assert_eq!(Rule::read(text.as_bytes()), Err(Malformed::Rule(text.to_owned())));
        }
    }

    #[test]
    fn each_change_of_a_rule_is_from_one_of_its_times_to_the_other() {
        let rule = Rule::read(b"CET-1CEST,M3.5.0,M10.5.0/3").expect("it is of the form").expect("it changes");
        let [first, second] = rule.changes(Year(2000));
        assert_eq!((first.before, first.after), (second.after, second.before));
        assert!(first.at < UnixTime(second.at.0));
    }
}

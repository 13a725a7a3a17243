//! What a process used, read after its end and before it is reaped: until then the kernel still has its accounts.

use std::path::Path;

use super::text;
use crate::model::{Nanos, TICK, Usage};

/// Columns behind the name in brackets, the state being number 0 (`man 5 proc_pid_stat`, whose numbers are by 3 higher):
/// major faults, own and of waited-for children; then user and system time, own and of waited-for children.
const MAJOR_FAULTS: [usize; 2] = [9, 10];
const TIMES: [usize; 4] = [11, 12, 13, 14];
/// Two times of one process are cut off to whole ticks, and so are those of its children.
const CUT_OFF_TICKS: u64 = 2;

/// Reads the accounts of a process by its folder in `/proc`. What is not there is not told.
pub fn usage(folder: &Path) -> Usage {
    let read = |name: &str| text(&folder.join(name)).unwrap_or_default();
    let stat = columns(&read("stat"));
    let sum = |wanted: &[usize]| stat.as_deref().and_then(|stat| sum_of(stat, wanted));
    Usage {
        major_faults: sum(&MAJOR_FAULTS),
        involuntary_switches: value(&read("status"), "nonvoluntary_ctxt_switches"),
        migrations: value(&read("sched"), "se.nr_migrations"),
        cpu: stat.as_deref().and_then(|stat| processor_time(stat, first_thread(&read("schedstat")))),
    }
}

/// The columns behind the name, which may itself hold blanks and brackets.
fn columns(stat: &str) -> Option<Vec<u64>> {
    let (_, behind) = stat.rsplit_once(')')?;
    Some(behind.split_whitespace().map(|word| word.parse().unwrap_or(0)).collect())
}

fn sum_of(columns: &[u64], wanted: &[usize]) -> Option<u64> {
    wanted.iter().map(|column| columns.get(*column)).sum()
}

/// To the nanosecond where the first thread did it all, else the most that the ticks allow.
fn processor_time(columns: &[u64], first_thread: Option<Nanos>) -> Option<Nanos> {
    let own = sum_of(columns, &TIMES[..2])?;
    let children = sum_of(columns, &TIMES[2..])?;
    let at_most = |ticks: u64| Nanos((ticks + CUT_OFF_TICKS) as f64 * TICK.0);
    match first_thread {
        Some(exact) if children == 0 && exact.0 >= own as f64 * TICK.0 => Some(exact),
        _ if children == 0 => Some(at_most(own)),
        _ => Some(Nanos(at_most(own).0 + at_most(children).0)),
    }
}

/// The first number of `schedstat`: nanoseconds on a processor.
fn first_thread(schedstat: &str) -> Option<Nanos> {
    schedstat.split_whitespace().next()?.parse().ok().map(Nanos)
}

/// 3 of a line `name: 3`, however it is spaced.
fn value(text: &str, name: &str) -> Option<u64> {
    let of_line = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().parse().ok())?
    };
    text.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process named `a) (b` with 12 major faults of its own, 3 of children, and these ticks.
    fn recorded(own: [u64; 2], children: [u64; 2]) -> Vec<u64> {
        let [user, system] = own;
        let [child_user, child_system] = children;
        let stat = format!(
            "77 (a) (b) Z 1 77 77 0 -1 4228108 500 0 12 3 {user} {system} {child_user} {child_system} 20 0 1 0 99"
        );
        columns(&stat).unwrap()
    }

    #[test]
    fn columns_are_counted_from_the_last_bracket_of_the_name() {
        let stat = recorded([5, 2], [0, 0]);
        assert_eq!(sum_of(&stat, &MAJOR_FAULTS), Some(15));
        assert_eq!(sum_of(&stat, &TIMES), Some(7));
    }

    #[test]
    fn the_time_of_one_thread_is_exact() {
        let exact = Some(Nanos(74_000_000.0));
        assert_eq!(processor_time(&recorded([5, 2], [0, 0]), exact), exact);
    }

    #[test]
    fn with_more_threads_or_children_it_is_the_most_that_the_ticks_allow() {
        let ms = |ms: f64| Some(Nanos(ms * 1e6));
        assert_eq!(
            processor_time(&recorded([30, 2], [0, 0]), ms(74.0)),
            ms(340.0),
            "other threads had the rest"
        );
        assert_eq!(processor_time(&recorded([5, 2], [8, 1]), ms(74.0)), ms(200.0), "so had children");
        assert_eq!(processor_time(&recorded([5, 2], [0, 0]), None), ms(90.0), "nothing else is told");
        assert_eq!(processor_time(&[], ms(1.0)), None);
    }

    #[test]
    fn switches_and_migrations_are_found_by_name() {
        let status = "voluntary_ctxt_switches:\t9\nnonvoluntary_ctxt_switches:\t4\n";
        assert_eq!(value(status, "nonvoluntary_ctxt_switches"), Some(4));
        assert_eq!(value("se.nr_migrations          :       3\n", "se.nr_migrations"), Some(3));
        assert_eq!(value("", "se.nr_migrations"), None);
    }

    #[test]
    fn a_process_that_is_gone_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(usage(&folder.path().join("4711")), Usage::default());
    }
}

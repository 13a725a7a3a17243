//! Do the turns of a pair of processes count? Decided on signs that have nothing to do with the timings.

use crate::model::{Broken, Nanos, TurnsMade};

/// What the threads of a side may compute while it waits, as a share of the wait: being woken and going to sleep again
/// takes a hundredth of a turn, a thread that keeps computing takes a whole one.
const MOST_BURNT_SHARE: f64 = 0.1;

/// And as a time, longer than a turn. Threads that start late make their logs during the other side's first turn, half a
/// millisecond each.
const MOST_BURNT: Nanos = Nanos(5e6);

/// Why they do not, in words that go on behind "because"; `None`: they do.
pub fn void_reason(turns: &TurnsMade) -> Option<String> {
    let why = match &turns.broken {
        Some(Broken::Idle) => {
            "one side did nothing in its turn: it sleeps, or waits for what the other one holds"
        }
        Some(Broken::NoStart) => "one side did nothing for long before its first measured call",
        Some(Broken::TooManyProcesses) => "it starts more processes than can take turns",
        Some(Broken::Incomplete) => "turns were broken off",
        None => return kept_computing(turns),
    };
    Some(why.to_owned())
}

fn kept_computing(turns: &TurnsMade) -> Option<String> {
    let too_much = |(burnt, waited): (&Nanos, &Nanos)| {
        let share = burnt.0 / waited.0.max(1.0);
        (burnt.0 > MOST_BURNT.0 && share > MOST_BURNT_SHARE).then_some(share)
    };
    let share = turns.burnt.iter().zip(&turns.waited).filter_map(too_much).reduce(f64::max)?;
    let who = turns.burner.as_ref().map_or_else(|| "a thread".to_owned(), |name| format!("thread `{name}`"));
    Some(format!("{who} kept computing while its side waited ({:.0} % of the wait)", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: TurnsMade = TurnsMade {
        broken: None,
        waited: [Nanos(40e6), Nanos(42e6)],
        burnt: [Nanos(1e6), Nanos(4e6)],
        burner: None,
        dirty: 3,
        made: 14,
    };

    #[test]
    fn turns_in_which_the_waiting_side_rested_count() {
        assert_eq!(void_reason(&QUIET), None);
    }

    #[test]
    fn a_thread_that_computes_while_its_side_waits_is_named() {
        let turns =
            TurnsMade { burnt: [Nanos(0.0), Nanos(39e6)], burner: Some("poller".to_owned()), ..QUIET };
        let why = void_reason(&turns).unwrap();
        assert_eq!(why, "thread `poller` kept computing while its side waited (93 % of the wait)");
    }

    #[test]
    fn turns_that_were_broken_off_never_count() {
        for broken in [Broken::Idle, Broken::NoStart, Broken::TooManyProcesses, Broken::Incomplete] {
            assert!(void_reason(&TurnsMade { broken: Some(broken), ..QUIET }).is_some());
        }
    }
}

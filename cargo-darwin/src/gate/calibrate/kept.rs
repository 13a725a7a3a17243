//! Whether what an earlier `calibrate` found still holds.

use crate::model::{Calibration, Nanos};

/// Days after which a calibration is worth repeating: neighbours, firmware and the program have changed by then.
pub const FRESH_DAYS: u64 = 30;

const SECONDS_A_DAY: u64 = 86_400;

/// A site that takes so many times as long as when it was calibrated, or as little, is another one.
const MOST_CHANGE: f64 = 2.0;

/// Why a calibration is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    /// Another processor or operating system: it says nothing here.
    Machine,
    /// Another compiler: its code is placed in another way.
    Toolchain,
    /// Older than [`FRESH_DAYS`]: it is used, and should be repeated.
    Age,
    /// Most sites are unknown, or take another time.
    Code,
}

impl Stale {
    /// May the figures still be used? Age alone does not make them those of another machine.
    pub fn is_usable(self) -> bool {
        self == Stale::Age
    }
}

/// Whole days since it was taken; none where the clock has gone back.
pub fn age_days(taken_unix_seconds: u64, now_unix_seconds: u64) -> u64 {
    now_unix_seconds.saturating_sub(taken_unix_seconds) / SECONDS_A_DAY
}

/// Why it is stale for this class of machines at this time, if it is. `now` has the sites that are judged, with their p50.
pub fn stale(
    kept: &Calibration,
    machine: &str,
    now_unix_seconds: u64,
    now: &[(&str, Option<Nanos>)],
) -> Option<Stale> {
    if let Some(other) = other_class(&kept.machine, machine) {
        return Some(other);
    }
    let known = now.iter().filter(|(site, p50)| is_known(kept, site, *p50)).count();
    if known * 2 < now.len() {
        return Some(Stale::Code);
    }
    (age_days(kept.taken_unix_seconds, now_unix_seconds) > FRESH_DAYS).then_some(Stale::Age)
}

/// Is it the site that was calibrated, as far as its median tells?
pub fn is_known(kept: &Calibration, site: &str, p50: Option<Nanos>) -> bool {
    let Some(known) = kept.sites.iter().find(|known| known.site == site) else { return false };
    match (known.p50, p50) {
        (Some(then), Some(now)) => (1.0 / MOST_CHANGE..=MOST_CHANGE).contains(&(now.0 / then.0)),
        _ => true,
    }
}

/// What of two classes of machines differs; the compiler comes last in them.
fn other_class(then: &str, now: &str) -> Option<Stale> {
    let parts = |class: &str| class.rsplit_once(", ").map(|(machine, _)| machine.to_owned());
    match then == now {
        true => None,
        false if parts(then) == parts(now) => Some(Stale::Toolchain),
        false => Some(Stale::Machine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CalibratedSite;

    const HERE: &str = "Some(R) CPU, x86_64-linux, rustc 1.95.0";
    const TAKEN: u64 = 1_800_000_000;

    fn kept(sites: &[(&str, Option<f64>)]) -> Calibration {
        let site = |(site, p50): &(&str, Option<f64>)| CalibratedSite {
            site: (*site).to_owned(),
            p50: p50.map(Nanos),
            metrics: Vec::new(),
        };
        Calibration {
            machine: HERE.to_owned(),
            package: "app".to_owned(),
            workload: "replay".to_owned(),
            taken_unix_seconds: TAKEN,
            unchanged_checks: 200,
            edits: 6,
            sites: sites.iter().map(site).collect(),
        }
    }

    fn after(days: u64) -> u64 {
        TAKEN + days * SECONDS_A_DAY
    }

    #[test]
    fn a_calibration_of_this_machine_and_month_is_not_stale() {
        let kept = kept(&[("f", Some(100.0))]);
        assert_eq!(stale(&kept, HERE, after(30), &[("f", Some(Nanos(150.0)))]), None);
        assert_eq!(age_days(TAKEN, after(3) + 80_000), 3);
        assert_eq!(age_days(TAKEN, TAKEN - 1), 0);
    }

    #[test]
    fn one_of_another_machine_or_toolchain_is_not_used_and_an_old_one_is() {
        let kept = kept(&[("f", None)]);
        let asked = |machine: &str, days| stale(&kept, machine, after(days), &[("f", None)]);
        assert_eq!(asked("Some(R) CPU, x86_64-linux, rustc 1.96.0", 0), Some(Stale::Toolchain));
        assert_eq!(asked("Other CPU, x86_64-linux, rustc 1.95.0", 0), Some(Stale::Machine));
        assert_eq!(asked(HERE, 31), Some(Stale::Age));
        let usable = [Stale::Machine, Stale::Toolchain, Stale::Age, Stale::Code].map(Stale::is_usable);
        assert_eq!(usable, [false, false, true, false]);
    }

    #[test]
    fn a_program_most_of_whose_sites_are_others_is_another_program() {
        let kept = kept(&[("f", Some(100.0)), ("g", Some(100.0))]);
        let same = ("f", Some(Nanos(100.0)));
        let slower = ("g", Some(Nanos(250.0)));
        let new = ("new", Some(Nanos(100.0)));
        assert_eq!(stale(&kept, HERE, TAKEN, &[same, slower]), None);
        assert_eq!(stale(&kept, HERE, TAKEN, &[same, slower, new]), Some(Stale::Code));
        assert!(!is_known(&kept, "g", Some(Nanos(49.0))) && is_known(&kept, "g", None));
    }
}

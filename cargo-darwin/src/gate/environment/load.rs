//! What goes on just now: others that wait for the processors, a hypervisor that gives them away, uneven speed.

use super::{FEWEST_TICKS, NOT_TOLD, line, noisy_if, share, shown};
use crate::gate::quantile::Tally;
use crate::model::{Facts, Load, Nanos, Percent, SystemCheck, SystemStatus, TICK};

/// Share of the window in which some task waited for a processor, from which measuring takes longer (to be
/// calibrated).
const MOST_PRESSURE: Percent = Percent(10.0);
/// Share of the processors that a hypervisor may give away (to be calibrated).
const MOST_STEAL: Percent = Percent(1.0);
/// How much longer than the median the slow tenth of equal repetitions may take (to be calibrated).
const MOST_DRIFT: Percent = Percent(10.0);
/// The slow tenth begins here.
const SLOW_QUANTILE: f64 = 0.9;

pub(super) fn lines(facts: &Facts) -> Vec<SystemCheck> {
    vec![pressure(&facts.load), steal(&facts.load), evenness(&facts.spins)]
}

/// Are others at work, so that it pays to wait a little?
pub fn is_busy(load: &Load) -> bool {
    [pressure(load), steal(load)].iter().any(|check| check.status != SystemStatus::Ok)
}

fn pressure(load: &Load) -> SystemCheck {
    let share = load.waiting.map(|waiting| share(waiting.0, load.window.0));
    let advice = "other programs wait for the processors: end them, or allow more time";
    let much = share.is_some_and(|share| share.0 > MOST_PRESSURE.0);
    line("processor pressure", noisy_if(much), share.map_or(NOT_TOLD.to_owned(), shown), advice)
}

fn steal(load: &Load) -> SystemCheck {
    let whole = load.window.0 * load.processors as f64;
    let share = load.steal_ticks.map(|ticks| share(ticks as f64 * TICK.0, whole));
    let much = share.is_some_and(|share| share.0 > MOST_STEAL.0) && load.steal_ticks >= Some(FEWEST_TICKS);
    let advice = "the hypervisor gives our processors to other machines: take one with dedicated processors, \
                  or allow more time";
    line("steal", noisy_if(much), share.map_or(NOT_TOLD.to_owned(), shown), advice)
}

/// The slow tenth of equal repetitions against their median.
fn evenness(spins: &[Nanos]) -> SystemCheck {
    let Some(drift) = drift(spins) else {
        return line("even speed", SystemStatus::Ok, NOT_TOLD, "");
    };
    let value = format!("the slow tenth of equal work takes {} longer than the median", shown(drift));
    let advice = "the processor is shared, or its frequency moves: see the lines above, or allow more time";
    line("even speed", noisy_if(drift.0 > MOST_DRIFT.0), value, advice)
}

fn drift(spins: &[Nanos]) -> Option<Percent> {
    let nanos: Vec<u64> = spins.iter().map(|spin| spin.0 as u64).collect();
    let tally = Tally::of(&nanos);
    let (median, slow) = (tally.quantile(0.5, 1.0)?, tally.quantile(SLOW_QUANTILE, 1.0)?);
    (median > 0.0).then(|| Percent((slow / median - 1.0) * 100.0))
}

//! Latency budgets: absolute limits, and no coin protects an absolute test. On a machine that is slow today, or
//! another machine, every quantile is off by the same factor for minutes (a sign test alone gave 9 to 56 % false
//! alarms under autocorrelation, GATE.md section 5). So the paired test decides: is the candidate slower than the
//! baseline by more than the room that the baseline's recorded value leaves? And the plain values must agree.
//!
//! Budgets on counts are exact and stand in [`super::exact`].

use super::evidence::Evidence;
use super::interval::fair_coin_at_most;
use super::judge::{APPROVE_WEALTH, MIN_BLOCKS};
use super::plan::{BudgetRequest, REJECT_ERROR};
use super::quantile::median;
use crate::model::{Budget, BudgetFinding, BudgetMetric, LogRatio, Nanos, Verdict};

/// Chance at which the sign test over blocks takes a side.
const SIGN_TEST_ERROR: f64 = 0.05;

/// A single slowest call may be anyone's fault; one in each of two blocks is the program's.
const MAX_EXCEEDED_BLOCKS: usize = 2;

/// One budget and everything seen of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BudgetWatch {
    request: BudgetRequest,
    /// The room that the recorded baseline leaves below the limit; `None`: no record of this machine class.
    room: Option<LogRatio>,
    /// Wealth at which the paired test finds the budget broken.
    broken_wealth: f64,
    broken: Evidence,
    kept: Evidence,
    candidate: Vec<f64>,
    baseline: Vec<f64>,
}

impl BudgetWatch {
    /// A budget that shares the permitted error of all budgets with `recorded` others that have a record.
    pub(super) fn new(request: BudgetRequest, recorded: usize) -> BudgetWatch {
        let room = request.recorded.map(|value| LogRatio::of(Nanos(request.budget.limit), value));
        BudgetWatch {
            request,
            room: room.filter(|room| room.0.is_finite()),
            broken_wealth: recorded.max(1) as f64 / REJECT_ERROR,
            broken: Evidence::new(),
            kept: Evidence::new(),
            candidate: Vec::new(),
            baseline: Vec::new(),
        }
    }

    pub(super) fn budget(&self) -> Budget {
        self.request.budget
    }

    pub(super) fn metric(&self) -> BudgetMetric {
        self.request.budget.metric
    }

    /// Adds one block of a site that both sides have.
    pub(super) fn add_pair(&mut self, y: LogRatio, baseline: Nanos, candidate: Nanos) {
        if !y.0.is_finite() {
            return;
        }
        self.baseline.push(baseline.0);
        self.candidate.push(candidate.0);
        if let Some(room) = self.room {
            self.broken.observe(y.0 - room.0);
            self.kept.observe(room.0 - y.0);
        }
    }

    /// Adds one block of a site that only the candidate has.
    pub(super) fn add_candidate(&mut self, candidate: Nanos) {
        self.candidate.push(candidate.0);
    }

    /// Would more blocks be in vain? `blocks` counts the whole check's.
    pub(super) fn is_settled(&self, blocks: usize) -> bool {
        if self.metric() == BudgetMetric::Max || self.room.is_none() || self.candidate.is_empty() {
            return self.verdict() == Verdict::Reject || blocks >= MIN_BLOCKS;
        }
        self.proven_broken() || self.proven_kept()
    }

    /// Kept, broken, or not to be told (yet).
    pub(super) fn verdict(&self) -> Verdict {
        match (self.metric(), self.room) {
            (BudgetMetric::Max, _) => self.verdict_of_max(),
            (_, Some(_)) if self.proven_broken() && self.mostly(|value, limit| value > limit) => {
                Verdict::Reject
            }
            (_, Some(_)) if self.proven_kept() && !self.proven_broken() => Verdict::Approve,
            (_, None) if self.has_enough() && self.mostly(|value, limit| value <= limit) => Verdict::Approve,
            _ => Verdict::Inconclusive,
        }
    }

    /// What is to be reported; `None` where no block could tell the quantile.
    pub(super) fn finding(&self) -> Option<BudgetFinding> {
        let largest = || self.candidate.iter().copied().max_by(f64::total_cmp);
        let is_max = self.metric() == BudgetMetric::Max;
        let value = if is_max { largest() } else { median(&mut self.candidate.clone()) }?;
        let before =
            self.request.recorded.map(|nanos| nanos.0).or_else(|| median(&mut self.baseline.clone()));
        Some(BudgetFinding {
            budget: self.request.budget,
            value,
            verdict: self.verdict(),
            broken_before: before.is_some_and(|before| before > self.request.budget.limit),
        })
    }

    /// The slowest call has no distribution to test: it is counted. Elsewhere than where the budget was recorded
    /// that is advice and no REJECT.
    fn verdict_of_max(&self) -> Verdict {
        let kept = self.candidate.iter().filter(|&&value| value <= self.request.budget.limit).count();
        let exceeded = self.candidate.len() - kept;
        match (exceeded >= MAX_EXCEEDED_BLOCKS, self.request.recorded) {
            (true, Some(_)) => Verdict::Reject,
            (false, _) if self.has_enough() => Verdict::Approve,
            _ => Verdict::Inconclusive,
        }
    }

    fn proven_broken(&self) -> bool {
        self.broken.wealth() >= self.broken_wealth
    }

    fn proven_kept(&self) -> bool {
        self.has_enough() && self.kept.wealth() >= APPROVE_WEALTH
    }

    fn has_enough(&self) -> bool {
        self.candidate.len() >= MIN_BLOCKS
    }

    /// Sign test: do more blocks lie on this side of the limit than chance would put there?
    fn mostly(&self, on_side: impl Fn(f64, f64) -> bool) -> bool {
        let blocks = self.candidate.len();
        let others =
            self.candidate.iter().filter(|&&value| !on_side(value, self.request.budget.limit)).count();
        fair_coin_at_most(others, blocks) <= SIGN_TEST_ERROR
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::Rng;

    /// A p99 budget of 50 us.
    fn watch(metric: BudgetMetric, recorded: Option<f64>) -> BudgetWatch {
        let budget = Budget { metric, limit: 50_000.0 };
        BudgetWatch::new(BudgetRequest { budget, recorded: recorded.map(Nanos) }, 1)
    }

    /// Blocks of a candidate `slower` than the baseline, on a machine of `speed` times the recorded latency.
    fn seen(mut watch: BudgetWatch, blocks: usize, baseline: f64, slower: f64, speed: f64) -> BudgetWatch {
        let mut rng = Rng::new(6);
        for _ in 0..blocks {
            let y = slower.ln() + 0.01 * rng.gaussian();
            watch.add_pair(LogRatio(y), Nanos(baseline * speed), Nanos(baseline * speed * y.exp()));
        }
        watch
    }

    #[test]
    fn a_candidate_beyond_the_room_that_the_record_leaves_is_rejected() {
        let watch = seen(watch(BudgetMetric::P99, Some(48_000.0)), 30, 48_000.0, 1.08, 1.0);
        let finding = watch.finding().unwrap();
        assert_eq!((finding.verdict, finding.broken_before), (Verdict::Reject, false));
        assert!(finding.value > 50_000.0 && watch.is_settled(30));
    }

    #[test]
    fn a_candidate_within_the_room_keeps_the_budget_even_on_a_slow_day() {
        let watch = seen(watch(BudgetMetric::P99, Some(40_000.0)), 20, 40_000.0, 1.0, 1.5);
        assert_eq!(watch.verdict(), Verdict::Approve);
        assert!(watch.is_settled(20));
    }

    #[test]
    fn a_slower_candidate_is_not_rejected_while_the_plain_values_keep_the_limit() {
        let watch = seen(watch(BudgetMetric::P99, Some(48_000.0)), 30, 48_000.0, 1.08, 0.8);
        assert_eq!(watch.verdict(), Verdict::Inconclusive);
        assert!(watch.is_settled(30), "more blocks of this day would not help");
    }

    #[test]
    fn a_budget_at_the_baselines_own_value_cannot_be_told() {
        let watch = seen(watch(BudgetMetric::P99, Some(50_000.0)), 40, 50_000.0, 1.0, 1.0);
        assert_eq!(watch.verdict(), Verdict::Inconclusive);
        assert!(!watch.is_settled(40));
    }

    #[test]
    fn a_budget_that_the_baseline_breaks_is_named_as_such() {
        let watch = seen(watch(BudgetMetric::P50, Some(60_000.0)), 30, 60_000.0, 1.0, 1.0);
        let finding = watch.finding().unwrap();
        assert_eq!((finding.verdict, finding.broken_before), (Verdict::Reject, true));
    }

    #[test]
    fn without_a_record_of_this_machine_a_broken_budget_is_advice() {
        let broken = seen(watch(BudgetMetric::P99, None), 30, 48_000.0, 2.0, 1.0);
        assert_eq!(broken.verdict(), Verdict::Inconclusive);
        let kept = seen(watch(BudgetMetric::P99, None), 8, 20_000.0, 1.0, 1.0);
        assert_eq!(kept.verdict(), Verdict::Approve);
    }

    #[test]
    fn a_new_site_is_judged_by_its_own_values_as_advice() {
        let mut watch = watch(BudgetMetric::P99, None);
        (0..8).for_each(|_| watch.add_candidate(Nanos(20_000.0)));
        let finding = watch.finding().unwrap();
        assert_eq!(
            (finding.verdict, finding.value, finding.broken_before),
            (Verdict::Approve, 20_000.0, false)
        );
    }

    #[test]
    fn the_slowest_call_breaks_its_budget_in_two_blocks_but_not_in_one() {
        let mut watch = watch(BudgetMetric::Max, Some(40_000.0));
        (0..8).for_each(|_| watch.add_pair(LogRatio(0.0), Nanos(40_000.0), Nanos(40_000.0)));
        watch.add_pair(LogRatio(1.0), Nanos(40_000.0), Nanos(90_000.0));
        assert_eq!(watch.verdict(), Verdict::Approve);
        watch.add_pair(LogRatio(1.0), Nanos(40_000.0), Nanos(80_000.0));
        assert_eq!(watch.verdict(), Verdict::Reject);
        assert_eq!(watch.finding().unwrap().value, 90_000.0);
    }

    #[test]
    fn a_quantile_that_no_block_could_tell_is_no_finding_and_no_approval() {
        let watch = watch(BudgetMetric::P999, Some(40_000.0));
        assert_eq!(watch.finding(), None);
        assert_eq!(watch.verdict(), Verdict::Inconclusive);
        assert!(!watch.is_settled(7) && watch.is_settled(8));
    }

    #[test]
    fn a_limit_that_is_no_number_never_gives_a_verdict() {
        for limit in [f64::NAN, 0.0, -1.0] {
            let request = BudgetRequest {
                budget: Budget { metric: BudgetMetric::P99, limit },
                recorded: Some(Nanos(1.0)),
            };
            let watch = seen(BudgetWatch::new(request, 1), 30, 1.0, 1.0, 1.0);
            assert_eq!(watch.verdict(), Verdict::Inconclusive, "{limit}");
        }
    }
}

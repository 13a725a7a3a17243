//! Did a contestant record the calls whose cost is charged to it? One that drops them would look cheap.

use cargo_darwin::model::SiteRun;
use contestant::{BODIES, Job, Recorded, Report};

use crate::contestants::{Contestant, Tells};
use crate::error::Error;

/// What Darwin counted at the sites of bodies.
pub fn of_sites(sites: &[SiteRun]) -> Vec<Recorded> {
    let of = |site: &SiteRun| {
        let name = site.site.name.rsplit("::").next()?;
        let body = BODIES.iter().position(|body| body.name == name)?;
        let p50_ns = site.timing.map(|timing| timing.p50_ns.0);
        (site.calls > 0).then_some(Recorded { body: Some(body), calls: site.calls, p50_ns })
    };
    sites.iter().filter_map(of).collect()
}

/// Compares what was recorded with what was called.
///
/// # Errors
/// When it is more or less.
pub fn check(contestant: &Contestant, job: &Job, report: &Report) -> Result<(), Error> {
    let recorded = report.recorded.as_deref().unwrap_or_default();
    let differs = |body: Option<usize>, made: u64| {
        let of_body = recorded.iter().filter(|one| one.body == body).map(|one| one.calls).sum::<u64>();
        (of_body != made).then(|| Error::NotRecorded {
            contestant: contestant.name.clone(),
            what: body.map_or_else(|| "all bodies".to_owned(), |body| format!("`{}`", BODIES[body].name)),
            recorded: of_body,
            made,
        })
    };
    let expected: Vec<(Option<usize>, u64)> = match contestant.tells {
        Tells::Nothing => (0..BODIES.len()).map(|body| (Some(body), 0)).collect(),
        _ if recorded.iter().any(|one| one.body.is_none()) => {
            vec![(None, (0..BODIES.len()).map(|body| made(job, body)).sum())]
        }
        _ => (0..BODIES.len()).map(|body| (Some(body), made(job, body))).collect(),
    };
    expected.into_iter().find_map(|(body, made)| differs(body, made)).map_or(Ok(()), Err)
}

/// Calls of a body that a job makes.
fn made(job: &Job, body: usize) -> u64 {
    let of_thread: u64 = job.loops.iter().filter(|one| one.body == body).map(|one| one.all_calls()).sum();
    of_thread * job.processors.len() as u64
}

#[cfg(test)]
mod tests {
    use contestant::Loop;

    use super::*;
    use crate::contestants::all;

    fn job() -> Job {
        let one = |body, calls| Loop { body, calls, slices: 3, with_truth: false };
        Job { contestant: "x".into(), processors: vec![0, 1], loops: vec![one(0, 100), one(2, 10)] }
    }

    fn report(recorded: &[(Option<usize>, u64)]) -> Report {
        let of = |(body, calls): &(Option<usize>, u64)| Recorded { body: *body, calls: *calls, p50_ns: None };
        let recorded = Some(recorded.iter().map(of).collect());
        Report { loops: Vec::new(), peak_kib: 0, reported_peak_kib: 0, recorded }
    }

    fn telling(tells: Tells) -> Contestant {
        Contestant { tells, ..all().remove(0) }
    }

    #[test]
    fn all_calls_of_all_threads_have_to_be_there_warming_up_included() {
        let whole = report(&[(Some(0), 800), (Some(2), 80)]);
        assert!(check(&telling(Tells::Median), &job(), &whole).is_ok());
        assert!(check(&telling(Tells::Calls), &job(), &report(&[(None, 880)])).is_ok());
    }

    #[test]
    fn whoever_drops_calls_is_named_with_the_numbers() {
        let error =
            check(&telling(Tells::Calls), &job(), &report(&[(Some(0), 799), (Some(2), 80)])).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("recorded 799 calls of `short` in place of 800"), "{said}");
        assert!(check(&telling(Tells::Calls), &job(), &report(&[(None, 879)])).is_err());
        let nothing = Report { recorded: None, ..report(&[]) };
        assert!(check(&telling(Tells::Median), &job(), &nothing).is_err());
    }

    #[test]
    fn whoever_should_record_nothing_must_not() {
        let nothing = Report { recorded: None, ..report(&[]) };
        assert!(check(&telling(Tells::Nothing), &job(), &nothing).is_ok());
        assert!(check(&telling(Tells::Nothing), &job(), &report(&[(Some(0), 1)])).is_err());
    }
}

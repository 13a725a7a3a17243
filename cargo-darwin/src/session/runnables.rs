//! Which workloads a command runs: those that were built, benches taken apart, as far as they were asked for.

use super::Failure;
use super::side::{Built, Runnable};
use crate::options::Options;

/// Everything that one side can run, and that was asked for.
///
/// # Errors
/// When an executable cannot be started, or nothing fits `--workload`.
pub fn runnables(built: &[Built], options: &Options, side: &'static str) -> Result<Vec<Runnable>, Failure> {
    let mut all = Vec::new();
    for one in built {
        let listed = one.runnables();
        all.extend(listed.map_err(|source| Failure::Workload {
            name: one.workload.name.clone(),
            side,
            source,
        })?);
    }
    let names: Vec<String> = all.iter().map(|runnable| runnable.name.clone()).collect();
    all.retain(|runnable| options.wants(&runnable.name));
    match all.is_empty() {
        true => {
            let wanted: Vec<String> = options.only.iter().map(ToString::to_string).collect();
            Err(Failure::Usage(format!(
                "no workload fits --workload {}; there are: {}; write one of these, or `*` for any text",
                wanted.join(" or "),
                names.join(", ")
            )))
        }
        false => Ok(all),
    }
}

//! `darwin.baseline.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document;
use crate::render::baseline::Recorded;

const SCHEMA: &str = "darwin.baseline.v1";

/// What `cargo darwin baseline` has written.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.baseline.v1")]
pub(super) struct Baseline<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The baseline file.
    path: &'a str,
    /// Class of the machine: processor, system, rustc.
    machine: &'a str,
    /// Did a line of the file change?
    written: bool,
    /// Measured sites.
    sites: usize,
    /// Measured workloads.
    workloads: usize,
    /// With `--accept`: the sites whose lines were rewritten, and no others; null without it.
    accepted: Option<Vec<Accepted<'a>>>,
    /// Workloads whose recorded counts stay, because they are of another build or other work.
    counts_left: &'a [String],
}

/// A site whose lines were rewritten.
#[derive(Serialize, JsonSchema)]
struct Accepted<'a> {
    /// Name of the site.
    name: &'a str,
    /// Name of the workload.
    workload: &'a str,
}

/// What was written, as `darwin.baseline.v1`.
pub fn baseline(recorded: &Recorded) -> String {
    let accepted = recorded
        .accepted
        .as_ref()
        .map(|sites| sites.iter().map(|key| Accepted { name: &key.site, workload: &key.workload }).collect());
    document(&Baseline {
        schema: SCHEMA,
        path: &recorded.path,
        machine: &recorded.machine,
        written: recorded.is_written,
        sites: recorded.sites,
        workloads: recorded.workloads,
        accepted,
        counts_left: &recorded.counts_left,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::SiteKey;

    #[test]
    fn the_document_has_the_fields_of_version_1() {
        let recorded = Recorded {
            path: "darwin.baseline.toml".into(),
            machine: "a processor".into(),
            is_written: true,
            sites: 3,
            workloads: 1,
            accepted: Some(vec![SiteKey { workload: "w".into(), site: "f".into() }]),
            counts_left: vec!["w".into()],
        };
        let document: Value = serde_json::from_str(&baseline(&recorded)).unwrap();
        let expected = json!({
            "schema": "darwin.baseline.v1",
            "path": "darwin.baseline.toml",
            "machine": "a processor",
            "written": true,
            "sites": 3,
            "workloads": 1,
            "accepted": [{ "name": "f", "workload": "w" }],
            "counts_left": ["w"],
        });
        assert_eq!(document, expected);
    }
}

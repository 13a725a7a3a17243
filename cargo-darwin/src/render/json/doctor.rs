//! `darwin.doctor.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document;
use crate::model::{SystemCheck, SystemReport, SystemStatus};

const SCHEMA: &str = "darwin.doctor.v1";

/// What `cargo darwin doctor` found.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.doctor.v1")]
pub(super) struct Doctor<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The worst line.
    status: SystemStatus,
    /// The lines.
    checks: &'a [SystemCheck],
}

/// The report as `darwin.doctor.v1`.
pub fn doctor(report: &SystemReport) -> String {
    document(&Doctor { schema: SCHEMA, status: report.status, checks: &report.checks })
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;

    #[test]
    fn the_document_has_the_fields_of_version_1() {
        let check = SystemCheck {
            name: "battery".into(),
            status: SystemStatus::Noisy,
            value: "discharging".into(),
            advice: "plug it in".into(),
        };
        let report = SystemReport { status: SystemStatus::Noisy, checks: vec![check] };
        assert_data_eq!(
            doctor(&report),
            str![[r#"
{
  "schema": "darwin.doctor.v1",
  "status": "noisy",
  "checks": [
    {
      "name": "battery",
      "status": "noisy",
      "value": "discharging",
      "advice": "plug it in"
    }
  ]
}

"#]]
            .raw()
        );
    }
}

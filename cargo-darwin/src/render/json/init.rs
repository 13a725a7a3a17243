//! `darwin.init.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document;
use crate::model::{FileReport, InitReport, NextStep};

const SCHEMA: &str = "darwin.init.v1";

/// What `cargo darwin init` has done to a package, or would do.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.init.v1")]
pub(super) struct Init<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Name of the package.
    package: &'a str,
    /// Nothing was written: it was asked for with `--dry-run`.
    dry_run: bool,
    /// Each file that takes part, in the order in which they are written.
    files: &'a [FileReport],
    /// What to do next, in order.
    next: &'a [NextStep],
    /// What else there is to know, a sentence each.
    notes: &'a [String],
}

/// The report as `darwin.init.v1`.
pub fn init(report: &InitReport) -> String {
    let InitReport { package, dry_run, files, next, notes } = report;
    document(&Init { schema: SCHEMA, package, dry_run: *dry_run, files, next, notes })
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::FileChanged;

    #[test]
    fn the_document_has_the_fields_of_version_1() {
        let file = FileReport {
            path: "Cargo.toml".into(),
            change: FileChanged::Changed,
            what: "[[bench]] hotpath".into(),
            added_lines: vec!["[[bench]]".into()],
        };
        let report = InitReport {
            package: "tally".into(),
            dry_run: true,
            files: vec![file],
            next: vec![NextStep { command: Some("cargo darwin run".into()), what: "shows it".into() }],
            notes: vec![],
        };
        assert_data_eq!(
            init(&report),
            str![[r#"
{
  "schema": "darwin.init.v1",
  "package": "tally",
  "dry_run": true,
  "files": [
    {
      "path": "Cargo.toml",
      "change": "changed",
      "what": "[[bench]] hotpath",
      "added_lines": [
        "[[bench]]"
      ]
    }
  ],
  "next": [
    {
      "command": "cargo darwin run",
      "what": "shows it"
    }
  ],
  "notes": []
}

"#]]
            .raw()
        );
    }
}

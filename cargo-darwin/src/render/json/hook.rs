//! `darwin.hook.v1`.

use schemars::JsonSchema;
use serde::Serialize;

use super::document;
use crate::model::{HookReport, HooksReport};

const SCHEMA: &str = "darwin.hook.v1";

/// What `cargo darwin hook install`, `status` and `uninstall` say of the hooks of a repository.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "darwin.hook.v1")]
pub(super) struct Hooks<'a> {
    /// Which document this is.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Where git looks for hooks.
    folder: &'a str,
    /// The `cargo-darwin` that a hook would run; null if there is none on `PATH`.
    program: Option<&'a str>,
    /// One for each stage that was asked about.
    hooks: &'a [HookReport],
}

/// The report as `darwin.hook.v1`.
pub fn hooks(report: &HooksReport) -> String {
    let HooksReport { folder, program, hooks } = report;
    document(&Hooks { schema: SCHEMA, folder, program: program.as_deref(), hooks })
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;
    use crate::model::{HookState, Stage};

    #[test]
    fn the_document_has_the_fields_of_version_1() {
        let hook = HookReport {
            stage: Stage::PrePush,
            path: "/r/.git/hooks/pre-push".into(),
            state: HookState::Installed,
            is_run: true,
            options: "--package=app".into(),
            done: "written".into(),
            refused: String::new(),
            advice: String::new(),
        };
        let report = HooksReport { folder: "/r/.git/hooks".into(), program: None, hooks: vec![hook] };
        assert_data_eq!(
            hooks(&report),
            str![[r#"
{
  "schema": "darwin.hook.v1",
  "folder": "/r/.git/hooks",
  "program": null,
  "hooks": [
    {
      "stage": "pre-push",
      "path": "/r/.git/hooks/pre-push",
      "state": "installed",
      "is_run": true,
      "options": "--package=app",
      "done": "written",
      "refused": "",
      "advice": ""
    }
  ]
}

"#]]
            .raw()
        );
    }
}

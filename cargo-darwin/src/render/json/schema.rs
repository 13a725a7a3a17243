//! What the documents look like, as JSON Schema: made from the types that are written, so that it cannot be another form.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{baseline, calibrate, check, doctor, hook, init, run};

/// The documents that have a schema, by the name in their field `schema`.
pub const NAMES: [&str; 7] = [
    "darwin.baseline.v1",
    "darwin.calibrate.v1",
    "darwin.check.v1",
    "darwin.doctor.v1",
    "darwin.hook.v1",
    "darwin.init.v1",
    "darwin.run.v1",
];

/// The JSON Schema (draft 2020-12) of a document, pretty-printed, with a line break at the end; `None` for a name that is not
/// among [`NAMES`].
pub fn schema(name: &str) -> Option<String> {
    let schema = match name {
        "darwin.baseline.v1" => of::<baseline::Baseline<'static>>(),
        "darwin.calibrate.v1" => of::<calibrate::Calibrate<'static>>(),
        "darwin.check.v1" => of::<check::Check<'static>>(),
        "darwin.doctor.v1" => of::<doctor::Doctor<'static>>(),
        "darwin.hook.v1" => of::<hook::Hooks<'static>>(),
        "darwin.init.v1" => of::<init::Init<'static>>(),
        "darwin.run.v1" => of::<run::Document<'static>>(),
        _ => return None,
    };
    Some(super::document(&schema))
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_a_schema_that_asks_for_that_name() {
        for name in NAMES {
            let schema: Value = serde_json::from_str(&schema(name).unwrap()).unwrap();
            assert_eq!(schema["properties"]["schema"]["const"], name);
            assert_eq!(schema["title"], name);
        }
        assert_eq!(schema("darwin.check.v0"), None);
    }

    #[test]
    fn every_field_of_every_document_is_explained() {
        for name in NAMES {
            let schema: Value = serde_json::from_str(&schema(name).unwrap()).unwrap();
            let parts = schema["$defs"].as_object().into_iter().flatten().map(|(_, part)| part);
            for part in parts.chain([&schema]) {
                for (field, text) in part["properties"].as_object().into_iter().flatten() {
                    assert!(text["description"].is_string(), "{name}: {field} is not explained: {part:#}");
                }
            }
        }
    }
}

//! Holds documents against the published schemas. The words of JSON Schema that these use are few; a general validator would
//! bring seventy packages. A word that is not known here is refused, so that no schema is half read.

use std::fs;

use serde_json::Value;

use crate::repository;

/// Words that explain and do not constrain; `format` only says which type of Rust a number has.
const EXPLAINING: [&str; 6] = ["$schema", "$defs", "title", "description", "format", "default"];

/// The committed text of a schema.
pub fn published(name: &str) -> String {
    let path = repository().join("docs/schemas").join(format!("{name}.json"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Asserts that a document is as the schema says that it names, and has no field that the schema does not name.
///
/// # Panics
/// When it is not; lists every place.
#[track_caller]
pub fn is_as_published(document: &Value) {
    let name = document["schema"].as_str().expect("a document names its schema");
    let schema: Value = serde_json::from_str(&published(name)).expect("a schema is JSON");
    let found = violations(&schema, document);
    assert!(found.is_empty(), "{}\nin {document:#}", found.join("\n"));
}

/// Every place where the document is not as the schema says.
pub fn violations(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Root(schema).check(schema, document, "the document", &mut found);
    found
}

/// The whole schema, in which `$ref` looks.
struct Root<'a>(&'a Value);

impl<'a> Root<'a> {
    fn check(&self, schema: &'a Value, value: &Value, at: &str, found: &mut Vec<String>) {
        self.matches(schema, value, at, found);
        let known = self.fields(schema);
        let foreign =
            value.as_object().into_iter().flatten().filter(|(key, _)| !known.contains(&key.as_str()));
        found.extend(foreign.map(|(key, _)| format!("{at}: `{key}` is not in the schema")));
    }

    fn matches(&self, schema: &'a Value, value: &Value, at: &str, found: &mut Vec<String>) {
        for (word, wanted) in schema.as_object().into_iter().flatten() {
            if !self.fits(word, wanted, value, at, found) {
                found.push(format!("{at}: {value} is not as {word} {wanted} says"));
            }
        }
    }

    /// Whether one word of a schema is obeyed; what is wrong deeper inside goes to `found` by itself.
    fn fits(&self, word: &str, wanted: &'a Value, value: &Value, at: &str, found: &mut Vec<String>) -> bool {
        match word {
            "type" => list(wanted).iter().any(|kind| is_of(kind.as_str().unwrap_or_default(), value)),
            "const" => wanted == value,
            "enum" => list(wanted).contains(value),
            "minimum" => value.as_f64().is_none_or(|number| Some(number) >= wanted.as_f64()),
            "maximum" => value.as_f64().is_none_or(|number| Some(number) <= wanted.as_f64()),
            "required" => {
                list(wanted).iter().all(|key| value.get(key.as_str().unwrap_or_default()).is_some())
            }
            "anyOf" => self.fitting(wanted, value) >= 1,
            "oneOf" => self.fitting(wanted, value) == 1,
            "$ref" => {
                self.matches(self.target(wanted), value, at, found);
                true
            }
            "properties" => {
                for (key, schema) in wanted.as_object().into_iter().flatten() {
                    value
                        .get(key)
                        .into_iter()
                        .for_each(|value| self.check(schema, value, &format!("{at}.{key}"), found));
                }
                true
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items.for_each(|(index, value)| self.check(wanted, value, &format!("{at}[{index}]"), found));
                true
            }
            word => {
                assert!(EXPLAINING.contains(&word), "{at}: this validator does not know `{word}`");
                true
            }
        }
    }

    fn fitting(&self, branches: &'a Value, value: &Value) -> usize {
        let fits = |branch: &&'a Value| {
            let mut found = Vec::new();
            self.matches(branch, value, "", &mut found);
            found.is_empty()
        };
        branches.as_array().into_iter().flatten().filter(fits).count()
    }

    /// The fields that an object of this schema may have.
    fn fields(&self, schema: &'a Value) -> Vec<&'a str> {
        let own = schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let branches = ["anyOf", "oneOf"].into_iter().flat_map(|word| schema[word].as_array()).flatten();
        let target = schema.get("$ref").map(|reference| self.target(reference));
        own.chain(branches.chain(target).flat_map(|schema| self.fields(schema))).collect()
    }

    fn target(&self, reference: &Value) -> &'a Value {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).expect("a reference inside");
        self.0.pointer(pointer).unwrap_or_else(|| panic!("the schema has no {pointer}"))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        kind => panic!("this validator does not know the type `{kind}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "schema": { "const": "x.v1" },
                "count": { "type": ["integer", "null"], "minimum": 0 },
                "parts": { "type": "array", "items": { "$ref": "#/$defs/Part" } },
            },
            "required": ["schema", "count", "parts"],
            "$defs": { "Part": {
                "type": "object",
                "properties": { "kind": { "enum": ["a", "b"] } },
                "required": ["kind"],
                "anyOf": [
                    { "type": "object", "properties": { "ns": { "type": "number" } }, "required": ["ns"] },
                    { "type": "object", "properties": { "n": { "type": "number" } }, "required": ["n"] },
                ],
            } },
        })
    }

    #[test]
    fn what_is_as_the_schema_says_has_no_violation() {
        let document = json!({ "schema": "x.v1", "count": null, "parts": [{ "kind": "a", "ns": 1.5 }] });
        assert_eq!(violations(&schema(), &document), Vec::<String>::new());
    }

    #[test]
    fn each_violation_is_found_at_its_place() {
        let part = |part: Value| json!({ "schema": "x.v1", "count": 1, "parts": [part] });
        for (document, place) in [
            (json!({ "schema": "y", "count": 1, "parts": [] }), "the document.schema"),
            (json!({ "schema": "x.v1", "count": 1 }), "the document: "),
            (json!({ "schema": "x.v1", "count": -1, "parts": [] }), "the document.count"),
            (json!({ "schema": "x.v1", "count": 1.5, "parts": [] }), "the document.count"),
            (part(json!({ "kind": "c", "n": 1 })), "the document.parts[0].kind"),
            (part(json!({ "kind": "a" })), "the document.parts[0]: "),
            (part(json!({ "kind": "a", "n": 1, "more": 2 })), "the document.parts[0]: `more`"),
            (part(json!({ "kind": "a", "n": "1" })), "the document.parts[0]"),
        ] {
            let found = violations(&schema(), &document);
            assert!(found.iter().any(|text| text.starts_with(place)), "{document}: {found:?}");
        }
    }

    #[test]
    #[should_panic(expected = "does not know `pattern`")]
    fn a_word_that_is_not_known_is_refused() {
        violations(&json!({ "pattern": "x" }), &json!("x"));
    }
}

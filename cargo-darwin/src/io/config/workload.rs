//! `[[workload]]`: exactly one key says what is run.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::io::position::{FileError, Source};
use crate::model::{Target, Workload, checked_name};

const REMEDY: &str = "write one of bench = \"NAME\", bin = \"NAME\", example = \"NAME\" or test = \"NAME\"";

/// One entry as serde sees it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawWorkload {
    name: Option<Spanned<String>>,
    package: Option<Spanned<String>>,
    bench: Option<Spanned<String>>,
    bin: Option<Spanned<String>>,
    example: Option<Spanned<String>>,
    test: Option<Spanned<String>>,
    #[serde(default)]
    args: Vec<Spanned<String>>,
}

/// The workloads, each with one target, names that cargo takes for names, and a name of its own; and where each stands.
pub(super) fn checked(
    source: Source<'_>,
    entries: Vec<Spanned<RawWorkload>>,
) -> Result<(Vec<Workload>, BTreeMap<String, String>), FileError> {
    let (mut workloads, mut places): (Vec<Workload>, _) = (Vec::new(), BTreeMap::new());
    for entry in entries {
        let span = entry.span();
        let workload = checked_one(source, entry)?;
        if workloads.iter().any(|other| other.name == workload.name) {
            let what = format!("two workloads are named `{}`", workload.name);
            return Err(source.error(span, what, "give each a `name` of its own"));
        }
        let place = format!("{}:{}", source.path.display(), source.line(span.start));
        places.insert(workload.name.clone(), place);
        workloads.push(workload);
    }
    Ok((workloads, places))
}

fn checked_one(source: Source<'_>, entry: Spanned<RawWorkload>) -> Result<Workload, FileError> {
    let span = entry.span();
    let raw = entry.into_inner();
    let name_of = |name: Option<Spanned<String>>| name.map(|name| named(source, name)).transpose();
    let mut targets = [
        name_of(raw.bench)?.map(Target::Bench),
        name_of(raw.bin)?.map(Target::Bin),
        name_of(raw.example)?.map(Target::Example),
        name_of(raw.test)?.map(Target::Test),
    ]
    .into_iter()
    .flatten();
    let target = match (targets.next(), targets.next()) {
        (Some(target), None) => target,
        (None, _) => return Err(source.error(span, "a workload without a target", REMEDY)),
        (Some(_), Some(_)) => return Err(source.error(span, "a workload with several targets", REMEDY)),
    };
    let name = name_of(raw.name)?.unwrap_or_else(|| target.name().to_owned());
    let args = raw.args.into_iter().map(|arg| checked_arg(source, arg)).collect::<Result<_, _>>()?;
    Ok(Workload { name, package: name_of(raw.package)?, target, args })
}

fn named(source: Source<'_>, name: Spanned<String>) -> Result<String, FileError> {
    checked_name(name.get_ref()).map_err(|error| {
        source.error(name.span(), error.to_string(), "write the name that the target has in Cargo.toml")
    })
}

/// No operating system can hand over a zero byte.
fn checked_arg(source: Source<'_>, arg: Spanned<String>) -> Result<String, FileError> {
    if arg.get_ref().contains('\0') {
        return Err(source.error(arg.span(), "an argument with a zero byte", "leave the zero byte out"));
    }
    Ok(arg.into_inner())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::parse;
    use super::FileError;

    fn refusal(text: &str) -> FileError {
        parse(Path::new("darwin.toml"), text).expect_err("should be refused")
    }

    #[test]
    fn a_workload_has_exactly_one_target() {
        let none = refusal("\n[[workload]]\nname = \"x\"\n");
        assert_eq!((none.line, none.what.as_str()), (Some(2), "a workload without a target"));
        assert!(none.remedy.contains("bench = \"NAME\""), "{none}");
        let several = refusal("[[workload]]\nbin = \"x\"\nbench = \"x\"\n");
        assert_eq!(several.what, "a workload with several targets");
    }

    #[test]
    fn two_workloads_must_not_share_a_name() {
        let error = refusal("[[workload]]\nbin = \"x\"\n\n[[workload]]\nname = \"x\"\nbench = \"y\"\n");
        assert_eq!((error.line, error.what.as_str()), (Some(4), "two workloads are named `x`"));
    }

    #[test]
    fn names_that_cargo_would_take_for_options_are_refused_with_the_line() {
        for name in ["", "--config=evil", "-x", "a\\nb", "\\u0000"] {
            let error = refusal(&format!("[[workload]]\nbin = \"{name}\"\n"));
            assert_eq!(error.line, Some(2), "{name}");
            assert!(error.what.contains("a name must not"), "{error}");
        }
    }

    #[test]
    fn an_argument_with_a_zero_byte_is_refused_with_the_line() {
        let error = refusal("[[workload]]\nbin = \"x\"\nargs = [\n\"a\",\n\"\\u0000\"]\n");
        assert_eq!(error.line, Some(5), "{error}");
    }
}

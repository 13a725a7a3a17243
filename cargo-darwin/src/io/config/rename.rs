//! `[[site]] was = "..."`: the name that a site had in the baseline.

use toml::Spanned;

use super::SiteOverride;
use crate::io::position::{FileError, Source};
use crate::model::{Rename, Renames};

const REMEDY: &str = "write both names in full, or both with one `*` for the text that they share: match = \"new::*\", was = \"old::*\"";

/// The renames of all entries.
pub(super) fn checked(source: Source<'_>, sites: &[SiteOverride]) -> Result<Renames, FileError> {
    let renamed = sites.iter().filter_map(|site| Some((site, site.was.as_ref()?)));
    let rename = |(site, was): (&SiteOverride, &Spanned<String>)| {
        Rename::new(&site.matches.to_string(), was.get_ref())
            .map_err(|why| source.error(was.span(), why.to_string(), REMEDY))
    };
    renamed.map(rename).collect::<Result<_, _>>().map(Renames::new)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::parse;

    #[test]
    fn an_entry_with_was_is_a_rename() {
        let config = parse(Path::new("darwin.toml"), "[[site]]\nmatch = \"b\"\nwas = \"a\"\n").unwrap();
        assert_eq!(config.renames.new_name("a").as_deref(), Some("b"));
    }

    #[test]
    fn names_that_do_not_go_together_are_refused_with_line_and_remedy() {
        let text = "[[site]]\nmatch = \"b::*\"\n\nwas = \"a\"\n";
        let error = parse(Path::new("darwin.toml"), text).unwrap_err();
        assert_eq!((error.line, error.excerpt.as_str()), (Some(4), "was = \"a\""));
        assert!(error.remedy.contains("was = \"old::*\""), "{error}");
    }
}

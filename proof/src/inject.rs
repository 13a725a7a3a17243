//! Edits that change nothing: `check` itself puts work into one site of the candidate, and says how much it came to.

use cargo_darwin::model::Tolerance;

use crate::edit::Edit;
use crate::workload::Workload;

/// What begins the name of such an edit.
const PREFIX: &str = "injected-";

/// The edit of that name: `injected-PERCENT`, `injected-p99-PERCENT` or `injected-alloc`. `None` if it is called
/// otherwise, or the workload names no site for it.
pub fn edit(workload: &Workload, name: &str) -> Option<Edit> {
    let asked = name.strip_prefix(PREFIX)?;
    let none = || Edit { name: name.to_owned(), ..Edit::default() };
    if asked == "alloc" {
        let site = workload.inject_allocation.clone()?;
        let injected = Some(format!("{site}=1alloc"));
        return Some(Edit { allocates: true, site: Some(site), injected, ..none() });
    }
    match asked.strip_prefix("p99-") {
        Some(percent) => {
            let (site, slower) = (workload.inject_tail.clone()?, percentage(percent)?);
            let injected = Some(format!("{site}={percent}%@p99"));
            Some(Edit { slower_tail: Some(slower), site: Some(site), injected, ..none() })
        }
        None => {
            let (site, slower) = (workload.inject.clone()?, percentage(asked)?);
            let injected = Some(format!("{site}={asked}%"));
            Some(Edit { slower: Some(slower), site: Some(site), injected, ..none() })
        }
    }
}

/// Does an edit of that name make all calls of a site slower?
pub fn is_of_p50(name: &str) -> bool {
    name.strip_prefix(PREFIX).and_then(percentage).is_some()
}

fn percentage(number: &str) -> Option<Tolerance> {
    format!("{number}%").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload() -> Workload {
        toml::from_str("folder = 'a'\ninject = 'a::f'\ninject-allocation = 'a::g'").unwrap()
    }

    #[test]
    fn the_name_says_what_check_is_asked_for() {
        let asked = |name| edit(&workload(), name).map(|edit| (edit.site.unwrap(), edit.injected.unwrap()));
        assert_eq!(asked("injected-1.1"), Some(("a::f".into(), "a::f=1.1%".into())));
        assert_eq!(asked("injected-alloc"), Some(("a::g".into(), "a::g=1alloc".into())));
        assert_eq!(asked("injected-p99-5"), None, "it has no site for that");
        assert_eq!(asked("injected-much"), None);
        assert_eq!(asked("slower-1"), None);
        let tail = Workload { inject_tail: Some("a::h".into()), ..workload() };
        assert_eq!(edit(&tail, "injected-p99-5").unwrap().injected.as_deref(), Some("a::h=5%@p99"));
    }

    #[test]
    fn none_of_them_is_neutral() {
        for name in ["injected-1", "injected-alloc"] {
            assert!(!edit(&workload(), name).unwrap().is_neutral());
        }
    }
}

//! What the attributes leave in the program for each measured place.

use std::sync::atomic::{AtomicBool, AtomicU32};

use crate::layout::{Address, budget_metric, site_kind};

/// What kind of code a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// `#[hotpath]` on a function.
    Function = site_kind::FUNCTION,
    /// `#[hotpath]` on an async function.
    Async = site_kind::ASYNC,
    /// `#[bench]`.
    Bench = site_kind::BENCH,
    /// `scope!`.
    Scope = site_kind::SCOPE,
    /// The runtime's own empty site.
    Calibration = site_kind::CALIBRATION,
}

/// What a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Metric {
    /// Median, in nanoseconds.
    P50 = budget_metric::P50,
    /// 90 % quantile, in nanoseconds.
    P90 = budget_metric::P90,
    /// 99 % quantile, in nanoseconds.
    P99 = budget_metric::P99,
    /// 99.9 % quantile, in nanoseconds.
    P999 = budget_metric::P999,
    /// Mean, in nanoseconds.
    Mean = budget_metric::MEAN,
    /// Slowest call, in nanoseconds.
    Max = budget_metric::MAX,
    /// Allocations per call.
    Allocs = budget_metric::ALLOCS,
    /// Bytes per call.
    Bytes = budget_metric::BYTES,
}

/// Where a site stands. Laid out like `core::panic::Location`, so that the comparison of two binaries can tell a
/// moved line from changed data.
#[derive(Debug)]
#[repr(C)]
pub struct Place {
    /// Source file.
    pub file: &'static str,
    /// Line of the name, from 1.
    pub line: u32,
    /// Column of the name, from 1.
    pub column: u32,
}

/// One measured place. Always a `static`.
#[derive(Debug)]
#[cfg_attr(not(feature = "enabled"), allow(dead_code, reason = "read by what fills the map, which is off"))]
pub struct Site {
    pub(crate) kind: Kind,
    /// Given by the user, or the end of a scope's name.
    given_name: Option<&'static str>,
    /// The compiler's name of an item at the place: it tells apart two impls of one module.
    path: fn() -> &'static str,
    pub(crate) budgets: &'static [(Metric, f64)],
    pub(crate) place: &'static Place,
    /// Id in the map, zero before the site was registered there.
    id: AtomicU32,
    /// Do its entries count as work in turns?
    paces: AtomicBool,
    /// The site registered before this one.
    pub(crate) next: Address<Site>,
}

/// A site's name in two parts, so that no memory is needed to put it together: path, then what follows `::`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    pub(crate) path: &'static str,
    pub(crate) scope: Option<&'static str>,
}

impl Site {
    /// A site that is not yet in any map.
    pub const fn new(
        kind: Kind,
        given_name: Option<&'static str>,
        path: fn() -> &'static str,
        budgets: &'static [(Metric, f64)],
        place: &'static Place,
    ) -> Site {
        Site {
            kind,
            given_name,
            path,
            budgets,
            place,
            id: AtomicU32::new(0),
            paces: AtomicBool::new(false),
            next: Address::none(),
        }
    }

    #[cfg(feature = "enabled")]
    #[inline(always)]
    pub(crate) fn id(&self) -> u32 {
        self.id.load(std::sync::atomic::Ordering::Relaxed)
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn set_id(&self, id: u32) {
        self.id.store(id, std::sync::atomic::Ordering::Release);
    }

    #[cfg(feature = "enabled")]
    #[inline(always)]
    pub(crate) fn paces(&self) -> bool {
        self.paces.load(std::sync::atomic::Ordering::Relaxed)
    }

    #[cfg(feature = "enabled")]
    pub(crate) fn set_paces(&self, paces: bool) {
        self.paces.store(paces, std::sync::atomic::Ordering::Relaxed);
    }

    /// The name given by the user, or the path of the surrounding function, with a scope's name after it.
    pub fn name(&self) -> Name {
        match (self.kind, self.given_name) {
            (Kind::Scope, scope) => Name { path: trimmed((self.path)()), scope },
            (_, Some(path)) => Name { path, scope: None },
            (_, None) => Name { path: trimmed((self.path)()), scope: None },
        }
    }
}

impl Name {
    /// What the name is put together from. The compiler's placeholders of lifetimes, which come and go with its
    /// versions, are left out.
    pub(crate) fn parts(self) -> impl Iterator<Item = &'static str> + Clone {
        let scope = self.scope.into_iter().flat_map(|scope| ["::", scope]);
        let mut rest = Some(self.path);
        let path = std::iter::from_fn(move || {
            let (part, behind) = up_to_lifetime(rest?);
            rest = behind;
            Some(part)
        });
        path.chain(scope)
    }
}

/// What stands before the first `'_` of a path, and what behind it: `m::F<'_, T>` -> `m::F<` and `T>`.
fn up_to_lifetime(path: &str) -> (&str, Option<&str>) {
    // A single character is looked for many times faster than two, and ten thousand sites are registered at once.
    if !path.contains('\'') {
        return (path, None);
    }
    let Some((before, mut behind)) = path.split_once("'_") else { return (path, None) };
    while let Some(next) = behind.strip_prefix(", '_") {
        behind = next;
    }
    match (before.strip_suffix('<'), behind.strip_prefix('>'), behind.strip_prefix(", ")) {
        (Some(before), Some(behind), _) => (before, Some(behind)),
        (_, _, Some(behind)) => (before, Some(behind)),
        // A bound: `dyn Trait + '_`.
        _ => (before.strip_suffix(" + ").unwrap_or(before), Some(behind)),
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts().try_for_each(|part| f.write_str(part))
    }
}

/// The path of the function around the marker item `__d`, without the closures that async bodies are.
fn trimmed(path: &'static str) -> &'static str {
    let mut path = path.strip_suffix("::__d").unwrap_or(path);
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    path
}

/// The compiler's name of the type of `item`; a function item has a type of its own.
pub fn path_of<T>(item: T) -> &'static str {
    std::any::type_name_of_val(&item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_and_closures_are_no_part_of_a_name() {
        assert_eq!(trimmed("krate::module::f::__d"), "krate::module::f");
        assert_eq!(trimmed("krate::f::{{closure}}::{{closure}}::__d"), "krate::f");
        assert_eq!(trimmed("krate::f::{{closure}}::inner::__d"), "krate::f::{{closure}}::inner");
    }

    #[test]
    fn lifetimes_are_no_part_of_a_name() {
        let name = |path| Name { path, scope: Some("s") }.to_string();
        assert_eq!(name("m::F<T>::f"), "m::F<T>::f::s");
        assert_eq!(name("m::F<'_>::f"), "m::F::f::s");
        assert_eq!(name("m::F<'_, '_, T>::f"), "m::F<T>::f::s");
        assert_eq!(name("<m::F<'_, '_> as m::G<'_, u8>>::f"), "<m::F as m::G<u8>>::f::s");
        assert_eq!(name("<dyn m::G + '_ as m::H>::f"), "<dyn m::G as m::H>::f::s");
    }

    #[test]
    fn a_given_name_replaces_the_path_but_a_scope_stands_behind_it() {
        static PLACE: Place = Place { file: file!(), line: 1, column: 1 };
        let named = Site::new(Kind::Function, Some("parse"), || "m::f::__d", &[], &PLACE);
        let scope = Site::new(Kind::Scope, Some("inner"), || "m::f::__d", &[], &PLACE);
        assert_eq!(named.name().to_string(), "parse");
        assert_eq!(scope.name().to_string(), "m::f::inner");
    }
}

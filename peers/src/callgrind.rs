//! Reads what callgrind writes: how often each function was called.

use std::collections::BTreeMap;

/// Calls of each function by its name, from a file of callgrind's (its manual, "Callgrind Format Specification").
/// Names are written once with a number, and then as the number.
pub fn calls(profile: &str) -> BTreeMap<String, u64> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut calls: BTreeMap<String, u64> = BTreeMap::new();
    let mut callee = None;
    for line in profile.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        match key {
            "fn" => drop(named(&mut names, value)),
            "cfn" => callee = named(&mut names, value),
            "calls" => {
                let count = value.split_whitespace().next().and_then(|count| count.parse::<u64>().ok());
                if let (Some(name), Some(count)) = (callee.take(), count) {
                    *calls.entry(name.to_owned()).or_default() += count;
                }
            }
            _ => {}
        }
    }
    calls
}

/// The name of `(number) name`, or of `(number)` alone.
fn named<'a>(names: &mut BTreeMap<&'a str, &'a str>, value: &'a str) -> Option<&'a str> {
    let Some((number, name)) = value.strip_prefix('(').and_then(|value| value.split_once(')')) else {
        return Some(value);
    };
    match name.trim() {
        "" => names.get(number).copied(),
        name => {
            names.insert(number, name);
            Some(name)
        }
    }
}

/// A symbol without what is added to a path: the compiler's hash, a crate's disambiguator, callgrind's level of recursion.
///
/// `programs::fib::fib::h0123456789abcdef`, `programs[0a1b]::fib::fib` and `programs::fib::fib'2` all become
/// `programs::fib::fib`.
pub fn path_of(symbol: &str) -> String {
    let symbol = match symbol.rsplit_once('\'') {
        Some((path, level)) if level.bytes().all(|byte| byte.is_ascii_digit()) => path,
        _ => symbol,
    };
    let path = match symbol.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => path,
        _ => symbol,
    };
    let mut plain = String::new();
    let mut depth = 0;
    for letter in path.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "\
events: Ir
fl=(1) src/main.rs
fn=(1) main
16 4
cfn=(2) programs::fib::fib::h0123456789abcdef
calls=1 20
16 900
cfi=(2) other.rs
cfn=(3) programs::other
calls=7 30
17 70

fn=(2)
20 500
cfn=(2)
calls=24 20
21 400
";

    #[test]
    fn calls_are_summed_over_callers_recursion_included() {
        let calls = calls(PROFILE);
        assert_eq!(calls["programs::fib::fib::h0123456789abcdef"], 25);
        assert_eq!(calls["programs::other"], 7);
        assert_eq!(calls.len(), 2);
    }

    #[test]
    fn what_is_added_to_a_path_is_no_part_of_it() {
        assert_eq!(path_of("programs::fib::fib::h0123456789abcdef"), "programs::fib::fib");
        assert_eq!(path_of("programs[9f8e7d]::fib::fib"), "programs::fib::fib");
        assert_eq!(path_of("programs::hash::hold"), "programs::hash::hold");
        assert_eq!(path_of("programs::fib::fib'2"), "programs::fib::fib");
        assert_eq!(path_of("malloc"), "malloc");
    }
}

//! Public functions of a library, told by how a file looks that rustfmt has formatted: a name to begin with, no more.

/// What a source file shows at its left margin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Public functions that a bench can call as they are.
    pub functions: Vec<Function>,
    /// Public modules that lie in files of their own.
    pub modules: Vec<String>,
}

/// A public function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Where it begins, from 1.
    pub line: usize,
    /// Lines of it.
    pub length: usize,
    /// Does it take arguments?
    pub takes_arguments: bool,
}

/// What stands at the left margin of a file. What is only there under conditions, or hidden, is left out.
pub fn shown(text: &str) -> Shown {
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = Shown::default();
    for (at, line) in lines.iter().enumerate() {
        if is_conditional(&lines[..at]) {
            continue;
        }
        if let Some(rest) = line.strip_prefix("pub fn ") {
            shown.functions.extend(function(rest, at, &lines));
        } else if let Some(module) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            shown.modules.push(module.to_owned());
        }
    }
    shown
}

/// The function to name: the longest is the likeliest to have work to do.
pub fn longest(functions: &[Function]) -> Option<&Function> {
    // Of equally long ones the first: `max_by_key` takes the last.
    functions.iter().rev().max_by_key(|function| function.length)
}

fn function(rest: &str, at: usize, lines: &[&str]) -> Option<Function> {
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let (name, rest) = rest.split_at(end);
    let is_whole = lines[at].ends_with('}');
    let below = lines[at..].iter().position(|line| *line == "}");
    let length = if is_whole { 1 } else { below.map_or(1, |end| end + 1) };
    Some(Function { name: name.to_owned(), line: at + 1, length, takes_arguments: !rest.starts_with("()") })
}

/// Do the attributes right above say so?
fn is_conditional(above: &[&str]) -> bool {
    let attributes = above.iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
    let mut attributes = attributes.filter(|line| line.starts_with("#["));
    attributes.any(|line| {
        ["#[cfg", "#[doc(hidden", "#[deprecated", "#[test"].iter().any(|word| line.starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        shown(text).functions.into_iter().map(|function| function.name).collect()
    }

    #[test]
    fn the_function_of_a_new_library_is_found() {
        let text = "pub fn add(left: u64, right: u64) -> u64 {\n    left + right\n}\n\n#[cfg(test)]\nmod tests {\n    pub fn inner() {}\n}\n";
        let expected = Function { name: "add".into(), line: 1, length: 3, takes_arguments: true };
        assert_eq!(shown(text), Shown { functions: vec![expected], modules: vec![] });
    }

    #[test]
    fn what_a_bench_cannot_call_as_it_is_is_left_out() {
        let text = "fn own() {}\npub(crate) fn near() {}\npub async fn later() {}\npub const fn now() {}\npub unsafe fn risky() {}\n\
                    #[cfg(feature = \"x\")]\n/// Sometimes.\n#[inline]\npub fn sometimes() {}\n#[inline]\npub fn always<T>(t: T) {}\n";
        assert_eq!(names(text), ["always"]);
    }

    #[test]
    fn modules_in_files_of_their_own_are_told() {
        let text = "pub mod parse;\nmod own;\n#[cfg(unix)]\npub mod unix;\npub mod inline {\n}\n";
        assert_eq!(shown(text).modules, ["parse"]);
    }

    #[test]
    fn the_longest_function_is_named_and_of_equals_the_first() {
        let short = "pub fn a() {}\npub fn b() {}\n";
        let all = shown(&format!("{short}pub fn c(\n    x: u8,\n) {{\n}}\n")).functions;
        assert_eq!(longest(&all).map(|one| (&*one.name, one.line)), Some(("c", 3)));
        let equals = shown(short).functions;
        let first = longest(&equals).unwrap();
        assert_eq!((&*first.name, first.takes_arguments), ("a", false));
    }

    #[test]
    fn a_file_cut_off_anywhere_is_no_reason_to_fail() {
        let text = "#[cfg]\npub fn longer(a: u8) {\n    a\n}\npub mod m;\npub fn é() {}\n";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert!(shown(&text[..end]).functions.len() <= 1);
        }
    }
}

//! The first bench: works at once, and says of itself that it measures nothing of the user's yet.

use super::facts::Library;

/// What the text of the first bench depends on.
#[derive(Debug, Clone, Copy)]
pub struct FirstBench<'a> {
    /// Name of the package.
    pub package: &'a str,
    /// Name of the runtime in code.
    pub runtime: &'a str,
    /// What a bench can call.
    pub library: Option<&'a Library>,
    /// A program of the package.
    pub bin: Option<&'a str>,
}

/// Name of the runtime in code, unless it was renamed.
const USUAL: &str = "darwin_runtime";

/// An attribute of the runtime: `darwin_runtime::hotpath`, with its path where it was renamed.
pub fn attribute(runtime: &str, name: &str) -> String {
    match runtime {
        USUAL => format!("#[{runtime}::{name}]"),
        renamed => format!("#[{renamed}::{name}(crate = {renamed})]"),
    }
}

/// Does a file look like a bench of ours, whatever the runtime is called in it? It then calls `main!` of the runtime, by its
/// path, or by name behind a `use`. `criterion_main!` is another one.
pub fn is_ours(text: &str, runtime: &str) -> bool {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = text.lines().filter(is_code).collect();
    let is_named = |line: &&str| [runtime, USUAL].iter().any(|name| line.contains(name));
    code.iter().any(is_named) && code.iter().any(|line| calls_main(line, runtime))
}

fn calls_main(line: &str, runtime: &str) -> bool {
    line.match_indices("main!").any(|(at, _)| match line[..at].strip_suffix("::") {
        Some(path) => [runtime, USUAL].iter().any(|name| path.ends_with(name)),
        None => !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'),
    })
}

impl FirstBench<'_> {
    /// The whole file.
    pub fn text(&self) -> String {
        let runtime = self.runtime;
        let blocks = [
            "//! Work for `cargo darwin`: calls of the functions that must stay fast.\n".to_owned(),
            self.imports(),
            self.allocator(),
            format!("{}\n{}\n{}", self.comment(), attribute(runtime, "bench"), self.placeholder()),
            format!("{runtime}::main!();\n"),
        ];
        blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn imports(&self) -> String {
        self.library.map_or_else(String::new, |library| {
            let word = if library.is_edition_2015 { "extern crate" } else { "use" };
            format!(
                "// Linked even while nothing of it is called here: `run` then lists its measured functions as never called.\n{word} {} as _;\n",
                library.name
            )
        })
    }

    fn allocator(&self) -> String {
        let runtime = self.runtime;
        if self.library.is_some_and(|library| library.has_allocator) {
            return format!(
                "// Allocations are not counted: the library has a global allocator. `{runtime}::Alloc::new(…)` around it counts them.\n"
            );
        }
        format!(
            "// Counts allocations. For another allocator than the system's: `{runtime}::Alloc::new(…)`.\n#[global_allocator]\nstatic ALLOC: {runtime}::Alloc = {runtime}::Alloc::system();\n"
        )
    }

    fn comment(&self) -> String {
        let package = self.package;
        let mut lines = vec![
            format!("PLACEHOLDER: it sorts made-up numbers, and says nothing about {package}. Put in its place what your"),
            "users wait for: the same work each time (a fixed seed, a steady state), one iteration well below 1 ms.".to_owned(),
        ];
        lines.extend(self.suggestion());
        lines.iter().map(|line| format!("// {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    fn suggestion(&self) -> Vec<String> {
        let hotpath = attribute(self.runtime, "hotpath");
        match self.library {
            Some(Library { name, function: Some(function), .. }) => vec![
                "To begin with, for example:".to_owned(),
                String::new(),
                format!(
                    "    b.iter(|| {name}::{}({}));",
                    function.path,
                    if function.takes_arguments { "/* arguments */" } else { "" }
                ),
                String::new(),
                format!("and {hotpath} above that function, in {}.", function.file),
            ],
            Some(library) => {
                vec![format!(
                    "Call functions of `{}`, and put {hotpath} above those that matter.",
                    library.name
                )]
            }
            None => self.without_library(),
        }
    }

    fn without_library(&self) -> Vec<String> {
        let mut lines = vec![
            "A bench sees nothing but the library of its package, and this package has none that it could call: move".to_owned(),
            "what must stay fast to src/lib.rs.".to_owned(),
        ];
        lines.extend(self.bin.map(|bin| {
            format!("Or measure the program: a [[workload]] with `bin = \"{bin}\"` in darwin.toml, in place of this file.")
        }));
        lines
    }

    fn placeholder(&self) -> String {
        format!(
            "fn placeholder(b: &mut {}::Bencher) {{
    let numbers: Vec<u32> = (0..1000_u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
    let sorted = |mut numbers: Vec<u32>| {{
        numbers.sort_unstable();
        numbers
    }};
    b.items(1000).iter_batched(|| numbers.clone(), sorted);
}}
",
            self.runtime
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::Named;
    use super::*;

    fn library(function: Option<Named>) -> Library {
        let name = "tally".to_owned();
        Library { name, function, has_allocator: false, is_no_std: false, is_edition_2015: false }
    }

    fn total() -> Named {
        Named { path: "sums::total".into(), file: "src/sums.rs".into(), line: 5, takes_arguments: true }
    }

    fn text(runtime: &str, library: Option<&Library>) -> String {
        FirstBench { package: "tally", runtime, library, bin: Some("tally") }.text()
    }

    #[test]
    fn the_bench_says_that_it_is_a_placeholder_and_names_a_function_to_begin_with() {
        let text = text("darwin_runtime", Some(&library(Some(total()))));
        for words in [
            "// PLACEHOLDER: it sorts made-up numbers, and says nothing about tally.",
            "\n//     b.iter(|| tally::sums::total(/* arguments */));\n",
            "#[darwin_runtime::hotpath] above that function, in src/sums.rs.",
            "\nuse tally as _;\n",
            "\n#[darwin_runtime::bench]\nfn placeholder(b: &mut darwin_runtime::Bencher) {\n",
            "static ALLOC: darwin_runtime::Alloc",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        assert!(text.ends_with("\ndarwin_runtime::main!();\n") && is_ours(&text, "darwin_runtime"));
    }

    #[test]
    fn a_function_without_arguments_is_named_as_it_is_called() {
        let named = Named { path: "all".into(), takes_arguments: false, ..total() };
        assert!(text("darwin_runtime", Some(&library(Some(named)))).contains("tally::all());"));
    }

    #[test]
    fn a_renamed_runtime_goes_by_its_name() {
        let text = text("rt", Some(&library(None)));
        assert!(!text.contains("darwin_runtime"), "{text}");
        assert!(text.contains("#[rt::bench(crate = rt)]") && is_ours(&text, "rt"), "{text}");
    }

    #[test]
    fn in_edition_2015_a_crate_is_declared() {
        let library = Library { is_edition_2015: true, ..library(None) };
        let text = text("darwin_runtime", Some(&library));
        assert!(text.contains("\nextern crate tally as _;\n") && !text.contains("\nuse "), "{text}");
    }

    #[test]
    fn without_a_library_it_says_what_to_do_instead() {
        let text = text("darwin_runtime", None);
        assert!(text.contains("move\n// what must stay fast to src/lib.rs"), "{text}");
        assert!(text.contains("`bin = \"tally\"`") && !text.contains("use "), "{text}");
    }

    #[test]
    fn a_library_with_an_allocator_keeps_it() {
        let library = Library { has_allocator: true, ..library(None) };
        let text = text("darwin_runtime", Some(&library));
        assert!(!text.contains("global_allocator]") && text.contains("Alloc::new("), "{text}");
    }

    #[test]
    fn a_main_that_was_imported_is_ours() {
        for text in [
            "use darwin_runtime::main;\nmain!();\n",
            "use darwin_runtime::{Bencher, bench, main};\n\nmain! {}\n",
            "use darwin_runtime::*;\n\n    main!();",
            "::darwin_runtime::main!();",
            "use rt::main;\nmain!();",
        ] {
            assert!(is_ours(text, "rt"), "{text}");
        }
    }

    #[test]
    fn other_benches_are_not_ours() {
        for text in [
            "criterion_main!(benches);",
            "use darwin_runtime::Alloc;\ncriterion_main!(benches);",
            "use darwin_runtime::Alloc;\nother::main!();",
            "fn main() { darwin_runtime::touch(); }",
            "// darwin_runtime::main!();\nfn main() {}",
            "use other::main;\nmain!();",
        ] {
            assert!(!is_ours(text, "darwin_runtime"), "{text}");
        }
    }
}

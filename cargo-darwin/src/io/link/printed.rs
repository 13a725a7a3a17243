//! Reads the command that `rustc --print link-args` shows: the debug form of a `std::process::Command`.

/// A linker's command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The linker.
    pub program: String,
    /// Variables set for it.
    pub variables: Vec<(String, String)>,
    /// Its arguments.
    pub args: Vec<String>,
    /// The one of them that says where the executable goes.
    pub output: String,
}

/// Does this line of rustc's output look like a link?
pub fn is_link_line(line: &str) -> bool {
    line.contains("\"-o\" ")
}

impl Printed {
    /// `NAME="value" ... "program" "argument" ...`; `None` for anything else.
    pub fn parse(line: &str) -> Option<Printed> {
        let (mut variables, mut words) = (Vec::new(), Vec::new());
        let mut rest = line.trim();
        while !rest.is_empty() {
            let (name, quoted) = rest.split_at(rest.find('"')?);
            let (value, after) = unquote(quoted)?;
            match name.strip_suffix('=') {
                Some(name) if words.is_empty() => variables.push((name.to_owned(), value)),
                None if name.is_empty() => words.push(value),
                _ => return None,
            }
            rest = after.trim_start();
        }
        let mut words = words.into_iter();
        let program = words.next()?;
        let args: Vec<String> = words.collect();
        let at = args.iter().position(|arg| arg == "-o")? + 1;
        let output = args.get(at)?.clone();
        Some(Printed { program, variables, args, output })
    }
}

/// The words of a line as a driver writes it for `-###`: those with unusual characters stand in double quotes. `None`
/// for a line with a quote that does not end.
pub fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut rest) = (Vec::new(), line.trim_start());
    while !rest.is_empty() {
        let (word, after) = match rest.starts_with('"') {
            true => unquote(rest)?,
            false => {
                let end = rest.find(' ').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}

/// A string literal as Rust's debug form writes it, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, &text[at + 2..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                'r' => value.push('\r'),
                '0' => value.push('\0'),
                'u' => {
                    let digits: String = chars
                        .by_ref()
                        .map(|(_, char)| char)
                        .skip(1)
                        .take_while(|char| *char != '}')
                        .collect();
                    value.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_program_arguments_and_the_output_are_told_apart() {
        let line = r#"LC_ALL="C" PATH="/a:/b c" "cc" "-m64" "/t/a b.o" "-o" "/t/out" "-pie""#;
        let printed = Printed::parse(line).unwrap();
        assert_eq!(printed.program, "cc");
        assert_eq!(printed.variables[1], ("PATH".to_owned(), "/a:/b c".to_owned()));
        assert_eq!(printed.args, ["-m64", "/t/a b.o", "-o", "/t/out", "-pie"]);
        assert_eq!(printed.output, "/t/out");
    }

    #[test]
    fn escapes_are_undone() {
        let line = r#""cc" "a\"b\\c\u{e9}" "-o" "x""#;
        assert_eq!(Printed::parse(line).unwrap().args[0], "a\"b\\cé");
    }

    #[test]
    fn a_drivers_words_are_told_apart() {
        let line = r#" /usr/collect2 "-plugin-opt=a b" -o "x\"y" "#;
        assert_eq!(words(line).unwrap(), ["/usr/collect2", "-plugin-opt=a b", "-o", "x\"y"]);
        assert_eq!(words("a \"b"), None);
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for line in ["", "cc -o x", r#""cc" "-o""#, r#""cc" "x""#, r#""cc "#, r#"warning: "x""#] {
            assert_eq!(Printed::parse(line), None, "{line}");
        }
    }
}

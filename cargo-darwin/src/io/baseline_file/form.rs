//! What an editor or git has made of the file and does not change what it says: line ends, a byte order mark.

/// The byte order mark that editors of Windows put in front of UTF-8.
const MARK: char = '\u{feff}';

/// How the text of a file is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    has_mark: bool,
    /// CR LF, as `core.autocrlf` and `eol=crlf` have it in the working tree.
    has_carriage_returns: bool,
}

impl Form {
    /// The form of a text; of one with mixed line ends, that of its first line. An empty one has ours.
    pub fn of(text: &str) -> Form {
        let first = text.split_once('\n').map(|(first, _)| first);
        Form {
            has_mark: text.starts_with(MARK),
            has_carriage_returns: first.is_some_and(|line| line.ends_with('\r')),
        }
    }

    /// What [`super::render`] wrote, in this form.
    pub fn given_to(self, rendered: String) -> String {
        let text = if self.has_carriage_returns { rendered.replace('\n', "\r\n") } else { rendered };
        if self.has_mark { format!("{MARK}{text}") } else { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gets_the_form_that_it_had() {
        for (old, new) in [
            ("", "a\nb\n"),
            ("x", "a\nb\n"),
            ("x\ny\r\n", "a\nb\n"),
            ("x\r\ny\n", "a\r\nb\r\n"),
            ("\u{feff}x\n", "\u{feff}a\nb\n"),
            ("\u{feff}x\r\n", "\u{feff}a\r\nb\r\n"),
        ] {
            assert_eq!(Form::of(old).given_to("a\nb\n".into()), new, "{old:?}");
        }
    }
}

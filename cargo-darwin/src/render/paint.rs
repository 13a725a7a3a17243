//! Colour as data: whether there is any was decided by the caller.

/// Whether emphasis is made of terminal escapes or of plain characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paint {
    /// No escapes; what is bold on a terminal stands between `**`.
    #[default]
    Plain,
    /// ANSI escapes.
    Ansi,
}

/// What a piece of text says, so that the colours are chosen in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Faster, approved.
    Good,
    /// Slower, rejected.
    Bad,
    /// Not to be told.
    Open,
    /// Of less interest.
    Dim,
    /// A heading.
    Head,
}

/// Ends every escape of ours.
const RESET: &str = "\x1b[0m";

impl Tone {
    const ALL: [Tone; 5] = [Tone::Good, Tone::Bad, Tone::Open, Tone::Dim, Tone::Head];

    fn begin(self) -> String {
        format!("\x1b[{}m", self.sgr())
    }

    fn begin_loud(self) -> String {
        format!("\x1b[1;{}m", self.sgr())
    }

    /// Parameters of the "select graphic rendition" escape (ECMA-48, 8.3.117).
    fn sgr(self) -> &'static str {
        match self {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Open => "33",
            Tone::Dim => "2",
            Tone::Head => "1",
        }
    }
}

impl Paint {
    /// The text in its tone; unchanged without colour.
    pub(super) fn tone(self, tone: Tone, text: &str) -> String {
        match self {
            Paint::Plain => text.to_owned(),
            Paint::Ansi => format!("{}{text}{RESET}", tone.begin()),
        }
    }

    /// A word that must be seen: bold in its tone; unchanged without colour.
    pub(super) fn loud(self, tone: Tone, word: &str) -> String {
        match self {
            Paint::Plain => word.to_owned(),
            Paint::Ansi => format!("{}{word}{RESET}", tone.begin_loud()),
        }
    }

    /// The figure that matters in a line: bold in its tone, or `**` around it.
    pub(super) fn strong(self, tone: Tone, text: &str) -> String {
        match self {
            Paint::Plain => format!("**{text}**"),
            Paint::Ansi => self.loud(tone, text),
        }
    }
}

/// The escape that a text begins with, where it is one that this file makes.
pub(super) fn own_escape(text: &str) -> Option<&str> {
    let escape = &text[..=text.find('m')?];
    let is_of = |tone: Tone| escape == tone.begin() || escape == tone.begin_loud();
    (escape == RESET || Tone::ALL.into_iter().any(is_of)).then_some(escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_as_it_is_and_a_strong_figure_gets_asterisks() {
        assert_eq!(Paint::Plain.tone(Tone::Bad, "REJECT"), "REJECT");
        assert_eq!(Paint::Plain.strong(Tone::Good, "-20%"), "**-20%**");
    }

    #[test]
    fn a_strong_figure_on_a_terminal_is_bold_and_coloured() {
        assert_eq!(Paint::Ansi.strong(Tone::Good, "-20%"), "\x1b[1;32m-20%\x1b[0m");
    }

    #[test]
    fn our_own_escapes_are_known_and_no_others() {
        for tone in Tone::ALL {
            for painted in [Paint::Ansi.tone(tone, "x"), Paint::Ansi.loud(tone, "x")] {
                let (begin, end) = painted.split_once('x').unwrap();
                assert_eq!((own_escape(&painted), own_escape(end)), (Some(begin), Some(RESET)));
            }
        }
        for other in
            ["", "x", "\x1b[", "\x1b[2J", "\x1b[8m", "\x1b[1;5;31m", "\x1b]0;m", "\x1b[031m", "x\x1b[31m"]
        {
            assert_eq!(own_escape(other), None, "{other:?}");
        }
    }
}

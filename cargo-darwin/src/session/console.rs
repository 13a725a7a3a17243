//! The screen: results go to stdout, once, at the end; everything on the way to stderr.

use std::io;

use clap::ColorChoice;

use super::progress::{Steps, Waiting};
use super::screen;
use crate::render::{Look, Paint, View, safe};

/// Width of a table when stdout is no terminal.
const PLAIN_WIDTH: usize = 110;

/// How this session shows things.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    paint: Paint,
    width: usize,
    verbose: bool,
}

impl Console {
    /// As the options, the environment and the terminal say.
    pub fn new(color: ColorChoice, verbose: bool) -> Console {
        let terminal = screen::shows_results();
        let cargo = std::env::var("CARGO_TERM_COLOR").ok();
        let colored = wanted(color, cargo.as_deref()).unwrap_or_else(screen::takes_colours);
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = if terminal { screen::width().or(columns) } else { columns };
        let paint = if colored { Paint::Ansi } else { Paint::Plain };
        Console { paint, width: width.unwrap_or(PLAIN_WIDTH), verbose }
    }

    /// Colour or none.
    pub fn paint(&self) -> Paint {
        self.paint
    }

    /// How a check is to look.
    pub fn look(&self) -> Look {
        Look { paint: self.paint, width: self.width, verbose: self.verbose }
    }

    /// How a table is to look.
    pub fn view(&self, top: u32) -> View {
        View { paint: self.paint, width: self.width, top: Some(top as usize) }
    }

    /// One line about what is going on.
    pub fn progress(&self, line: &str) {
        screen::tell(&format!("    {}", safe::line(line)));
    }

    /// The result, on stdout.
    ///
    /// # Errors
    /// When it cannot be written, as on a full disk.
    pub fn result(&self, text: &str) -> io::Result<()> {
        screen::result(text, self.paint)
    }

    /// A word of a hook's, among the words of git.
    pub fn hook(&self, line: &str) {
        screen::tell(&format!("cargo darwin: {line}"));
    }

    /// Something that may take long and tells nothing on its way: a turning mark on a terminal until it is dropped, a
    /// line elsewhere.
    pub fn waiting(&self, words: &str) -> Waiting {
        Waiting::new(words)
    }

    /// Work in steps that is shown as it goes on: a line that is written over on a terminal, one line for all elsewhere.
    pub fn steps(&self, words: &str, total: usize) -> Steps {
        Steps::new(words, total)
    }

    /// Why there is no result.
    pub fn error(&self, reason: &str) {
        screen::tell(&format!("error: {reason}"));
    }

    /// Says what is built before cargo's first line about it; nothing where cargo has nothing to do.
    pub fn show_build_of(&self, what: &'static str) -> impl FnMut(&str) + use<> {
        let (mut show, mut console) = (self.show_build(), Some(*self));
        move |line: &str| {
            if let Some(console) = console.take() {
                console.progress(&format!("building {what}"));
            }
            show(line);
        }
    }

    /// Passes cargo's own lines on, without the colours and escapes that build scripts and macros may have put there.
    pub fn show_build(&self) -> impl FnMut(&str) + use<> {
        screen::tell
    }
}

/// What the user said about colour, the option before cargo's variable; `None`: it depends on `NO_COLOR`,
/// `CLICOLOR_FORCE` and the terminal.
fn wanted(option: ColorChoice, cargo: Option<&str>) -> Option<bool> {
    match (option, cargo) {
        (ColorChoice::Always, _) => Some(true),
        (ColorChoice::Never, _) => Some(false),
        (ColorChoice::Auto, Some("always")) => Some(true),
        (ColorChoice::Auto, Some("never")) => Some(false),
        (ColorChoice::Auto, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_goes_before_cargos_variable_and_that_before_the_terminal() {
        assert_eq!(wanted(ColorChoice::Never, Some("always")), Some(false));
        assert_eq!(wanted(ColorChoice::Always, Some("never")), Some(true));
        assert_eq!(wanted(ColorChoice::Auto, Some("always")), Some(true));
        assert_eq!(wanted(ColorChoice::Auto, Some("never")), Some(false));
        assert_eq!([None, Some("auto")].map(|cargo| wanted(ColorChoice::Auto, cargo)), [None, None]);
    }
}

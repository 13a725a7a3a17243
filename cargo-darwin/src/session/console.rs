//! The screen: results go to stdout, once, at the end; everything on the way to stderr.

use std::io::{IsTerminal, Write};

use clap::ColorChoice;

use crate::render::{Paint, View};

/// Width of a table when stdout is no terminal.
const PLAIN_WIDTH: usize = 110;

/// How this session shows things.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    paint: Paint,
    width: usize,
}

impl Console {
    /// As the option, the environment and the terminal say.
    pub fn new(color: ColorChoice) -> Console {
        let terminal = std::io::stdout().is_terminal();
        let colored = match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
            }
        };
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = if terminal { terminal_width().or(columns) } else { columns };
        let paint = if colored { Paint::Ansi } else { Paint::Plain };
        Console { paint, width: width.unwrap_or(PLAIN_WIDTH) }
    }

    /// Colour or none.
    pub fn paint(&self) -> Paint {
        self.paint
    }

    /// How a table is to look.
    pub fn view(&self, top: u32) -> View {
        View { paint: self.paint, width: self.width, top: Some(top as usize) }
    }

    /// One line about what is going on.
    pub fn progress(&self, line: &str) {
        // A closed stderr is no reason to stop measuring.
        let _ = writeln!(std::io::stderr(), "    {line}");
    }

    /// Why there is no result.
    pub fn error(&self, reason: &str) {
        let _ = writeln!(std::io::stderr(), "error: {}", crate::render::safe::text(reason));
    }

    /// Passes cargo's own lines on.
    pub fn show_build(&self) -> impl FnMut(&str) + use<> {
        |line: &str| {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

//! The only place from which a command writes to stdout and stderr: whatever it writes has gone through `safe`, wherever
//! the text came from. `tests/tests/rules.rs` checks that nobody goes around it.

use std::io::{self, ErrorKind, IsTerminal, Write};

use indicatif::ProgressDrawTarget;

use crate::exit_code::ExitCode;
use crate::render::{Paint, safe};

/// The result, to stdout.
///
/// # Errors
/// What the system says, such as that the disk is full. A reader that has gone (a pager) is no failure of ours.
pub fn result(text: &str, paint: Paint) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(safe::screen(text, paint).as_bytes()).and_then(|()| out.flush());
    written.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// One line or several, without colour, to stderr.
pub fn tell(text: &str) {
    // A closed stderr is no reason to stop measuring.
    let _ = writeln!(io::stderr(), "{}", safe::text(text));
}

/// Is somebody looking at the result?
pub fn shows_results() -> bool {
    io::stdout().is_terminal()
}

/// Columns of the terminal that shows the result.
pub fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Does stdout take colours, as `NO_COLOR`, `CLICOLOR_FORCE` and the terminal have it?
pub fn takes_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Where a line that is written over goes: stderr, or nowhere where that is no terminal.
pub fn moving_line() -> ProgressDrawTarget {
    match io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    }
}

/// What clap has to say, and the code to end with. Help and versions are our own words and keep their colours; a mistake
/// repeats what was typed.
pub fn clap(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match error.kind() {
        DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand => drop(error.print()),
        _ => tell(error.render().to_string().trim_end()),
    }
    if error.use_stderr() { ExitCode::BadInput } else { ExitCode::Success }
}

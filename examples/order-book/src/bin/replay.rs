//! Replays a stream of messages through an order book and says what came of it.
//!
//! ```text
//! replay [MESSAGES]      2000000 unless given
//! ```

use std::io::{self, Write};
use std::process::ExitCode;

use order_book::{Mix, Replay};

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

const SEED: u64 = 1;
const MESSAGES: usize = 2_000_000;

/// The stream goes round after this many messages at the latest: 24 MB of them.
const LONGEST_ROUND: usize = 1_000_000;

/// The exit code of a wrong argument.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let messages = match messages() {
        Ok(messages) => messages,
        Err(text) => return complain(&text, USAGE),
    };
    let mut replay = Replay::new(SEED, Mix::LIVELY, messages.min(LONGEST_ROUND));
    replay.advance(messages);
    match writeln!(io::stdout(), "{}", replay.summary()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("cannot write the summary: {error}"), 1),
    }
}

/// How many messages to replay, from the command line.
fn messages() -> Result<usize, String> {
    let Some(text) = std::env::args().nth(1) else { return Ok(MESSAGES) };
    text.parse()
        .map_err(|error| format!("`{text}` is no number of messages ({error}); usage: replay [MESSAGES]"))
}

fn complain(text: &str, code: u8) -> ExitCode {
    // If standard error is closed as well, the exit code still tells.
    let _ = writeln!(io::stderr(), "replay: {text}");
    ExitCode::from(code)
}

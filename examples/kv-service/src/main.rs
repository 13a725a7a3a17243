//! Puts a load on the service, on two threads, and says what it replied.
//!
//! ```text
//! kv-service [COMMANDS]      of each of the 128 callers: 2000 unless given
//! ```

use std::io::{self, Write};
use std::process::ExitCode;

use kv_service::{Digest, Limits, Load, Mix, Service};

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

const SEED: u64 = 1;
const COMMANDS: u64 = 2_000;
const THREADS: usize = 2;

/// The exit code of a wrong argument.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let commands = match commands() {
        Ok(commands) => commands,
        Err(text) => return complain(&text, USAGE),
    };
    match run(commands) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), 1),
    }
}

/// Runs service and load, and prints the digest of the replies.
fn run(commands: u64) -> Result<(), Box<dyn std::error::Error>> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_time().build()?;
    let (digest, values) = runtime.block_on(replies(commands))?;
    let Digest { replies, found, hash } = digest;
    writeln!(io::stdout(), "replies  {replies}\nfound    {found}\nhash     {hash:016x}\nvalues   {values}")?;
    Ok(())
}

/// What the service replied, and how many values it has in the end.
async fn replies(commands: u64) -> Result<(Digest, usize), kv_service::Failure> {
    let service = Service::start(Limits::default());
    let mut load = Load::new(&service.client(), Mix::READ_MOSTLY, SEED);
    load.round(commands).await?;
    let digest = load.digest();
    drop(load);
    Ok((digest, service.stop().await))
}

/// How many commands each caller sends, from the command line.
fn commands() -> Result<u64, String> {
    let Some(text) = std::env::args().nth(1) else { return Ok(COMMANDS) };
    text.parse()
        .map_err(|error| format!("`{text}` is no number of commands ({error}); usage: kv-service [COMMANDS]"))
}

fn complain(text: &str, code: u8) -> ExitCode {
    // If standard error is closed as well, the exit code still tells.
    let _ = writeln!(io::stderr(), "kv-service: {text}");
    ExitCode::from(code)
}

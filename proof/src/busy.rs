//! A second process that is busy all the time: the neighbour of a check.

use std::io::{self, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;

use crate::error::{At, Error};

/// The hidden word with which this program is the neighbour.
pub const WORD: &str = "keep-busy";

/// A busy process that ends with this value, and with this process however that ends: its input ends with us.
#[derive(Debug)]
pub struct Busy {
    child: Child,
}

impl Busy {
    /// Starts one.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start() -> Result<Busy, Error> {
        let program = std::env::current_exe().at("find", "this program")?;
        let mut command = Command::new(&program);
        command.arg(WORD).stdin(Stdio::piped()).stdout(Stdio::null());
        Ok(Busy { child: command.spawn().at("start", program)? })
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is busy until its input ends.
pub fn keep_busy() -> ExitCode {
    thread::spawn(|| {
        let mut state = 1_u64;
        loop {
            state = std::hint::black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
    });
    // Nothing is ever sent; an error means as well that nobody is there.
    let _ = io::stdin().read_to_end(&mut Vec::new());
    ExitCode::SUCCESS
}

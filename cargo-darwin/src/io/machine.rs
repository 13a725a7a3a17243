//! The class of machine that latencies belong to.

use std::path::Path;
use std::process::Command;

use super::command::{self, CommandError};

/// Processor model, operating system and architecture, and compiler, as one line. Latencies recorded on one class mean
/// nothing on another.
///
/// # Errors
/// When rustc cannot be asked.
pub fn class(directory: &Path) -> Result<String, CommandError> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = command::output(Command::new(rustc).arg("-V").current_dir(directory))?;
    let version = String::from_utf8_lossy(&version);
    // "rustc 1.95.0 (59807616e 2026-04-14)": number and name are enough.
    let version: Vec<&str> = version.split_whitespace().take(2).collect();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    Ok(format!("{}, {arch}-{os}, {}", processor(), version.join(" ")))
}

/// The processor's name as Linux tells it, or that it is not known.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    model(&info).unwrap_or_else(|| "unknown processor".to_owned())
}

/// The first processor's name in `/proc/cpuinfo`, with single blanks.
pub(super) fn model(info: &str) -> Option<String> {
    let line = info.lines().find(|line| line.starts_with("model name") || line.starts_with("Model"))?;
    let name = line.split_once(':')?.1;
    Some(name.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_the_first_processors_with_single_blanks() {
        let info = "processor\t: 0\nmodel name\t: Some(R)  CPU   @ 2.60GHz\nmodel name\t: other\n";
        assert_eq!(model(info).as_deref(), Some("Some(R) CPU @ 2.60GHz"));
        assert_eq!(model("processor : 0"), None);
    }
}

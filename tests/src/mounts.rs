//! File systems that are full or read-only, seen by one command and what it starts: they are mounted in a mount namespace
//! of that command's own, so that nothing is left when it ends, however that comes.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Fills the file system that `$1` is on, to the last byte.
const FILL: &str = "dd if=/dev/zero of=\"$1/filler\" bs=4096 2>/dev/null; dd if=/dev/zero of=\"$1/filler2\" bs=1 2>/dev/null;";

/// What is done to a folder before the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mount {
    /// A full disk that holds what the folder held.
    Full,
    /// An empty disk of so many KiB, from 4 up: for Linux 0 is no limit.
    Small(u32),
    /// What the folder held, on a disk that cannot be written.
    ReadOnly,
}

impl Mount {
    fn script(self) -> String {
        match self {
            Mount::Full => format!(
                "held=$(mktemp -d) && cp -a \"$1/.\" \"$held\" && mount -t tmpfs -o size=16m full \"$1\" && \
                 cp -a \"$held/.\" \"$1\" && rm -rf \"$held\" || exit 99; {FILL}"
            ),
            Mount::Small(kib) => format!("mount -t tmpfs -o size={kib}k small \"$1\" || exit 99;"),
            Mount::ReadOnly => {
                "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 99;".to_owned()
            }
        }
    }
}

/// The command, in a namespace in which `folder` is so. What is in the folder `kept` of it is copied to `to` at the end,
/// because the file system goes with the namespace.
pub fn with(mount: Mount, folder: &Path, command: &Command, kept: Option<(&Path, &Path)>) -> Command {
    let mut shell = unshare();
    let keep = if kept.is_some() { "cp -a \"$2/.\" \"$3\" || exit 98;" } else { "" };
    let script = format!(
        "{} folder=$1; kept=$2; to=$3; shift 3; cd \"$PWD\"; \"$@\"; code=$?; set -- \"$folder\" \"$kept\" \"$to\"; {keep} exit $code",
        mount.script()
    );
    let (from, to) = kept.unwrap_or((Path::new(""), Path::new("")));
    shell.args(["sh", "-c", &script, "sh"]).args([folder, from, to]);
    shell.arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        shell.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Can this user mount in a namespace? Where not, says on the screen, past the test harness, what is left out.
pub fn are_possible(left_out: &str) -> bool {
    let mut probe = with(Mount::Small(64), &crate::place("mounts"), &Command::new("true"), None);
    let status = probe.stdin(Stdio::null()).stderr(Stdio::null()).status();
    let possible = status.is_ok_and(|status| status.success());
    if !possible {
        let line =
            format!("\n*** NOT TESTED: {left_out}: this user may not mount in a namespace of its own ***\n");
        std::io::stderr().write_all(line.as_bytes()).expect("stderr can be written");
    }
    possible
}

/// Root has the right to mount; others have it where they are root of a user namespace of their own.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    // A process's folder belongs to its effective user.
    if fs::metadata("/proc/self").is_ok_and(|about| about.uid() != 0) {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--mount");
    command
}

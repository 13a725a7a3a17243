//! Memory, swap space, and the folder of a run's shared memory.

use std::path::Path;

use super::Roots;
use crate::model::RunFolder;

/// Memory that a new program can have without swapping.
pub(super) fn available_memory_bytes(roots: &Roots) -> Option<u64> {
    meminfo(&roots.proc("meminfo")?, "MemAvailable")
}

/// Swap space that holds something.
pub(super) fn used_swap_bytes(roots: &Roots) -> Option<u64> {
    let info = roots.proc("meminfo")?;
    meminfo(&info, "SwapTotal")?.checked_sub(meminfo(&info, "SwapFree")?)
}

/// A line `name:  1234 kB`, in bytes.
fn meminfo(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// What kind of file system `folder` is on, and how much room it has.
pub(super) fn run_folder(roots: &Roots, folder: &Path) -> RunFolder {
    let mounts = roots.proc("self/mounts").unwrap_or_default();
    let room = rustix::fs::statvfs(folder).ok();
    RunFolder {
        path: folder.display().to_string(),
        file_system: file_system(&mounts, folder),
        free_bytes: room.and_then(|room| room.f_bavail.checked_mul(room.f_frsize)),
    }
}

/// The kind of the innermost mount that holds `folder`; of two at one place the later hides the earlier.
fn file_system(mounts: &str, folder: &Path) -> Option<String> {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (place, kind) = (words.next()?.to_owned(), words.next()?.to_owned());
        folder.starts_with(&place).then_some((place.len(), kind))
    };
    mounts.lines().filter_map(of_line).max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "/dev/sda1 / ext4 rw 0 0\nudev /dev devtmpfs rw 0 0\nold /dev/shm ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n";

    #[test]
    fn the_innermost_and_latest_mount_holds_a_folder() {
        assert_eq!(file_system(MOUNTS, Path::new("/dev/shm")).as_deref(), Some("tmpfs"));
        assert_eq!(file_system(MOUNTS, Path::new("/dev/shmem")).as_deref(), Some("devtmpfs"));
        assert_eq!(file_system(MOUNTS, Path::new("/tmp/x")).as_deref(), Some("ext4"));
        assert_eq!(file_system("", Path::new("/tmp")), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let text = "MemTotal:  100 kB\nMemAvailable:   24 kB\nMemAvailableX: 9 kB\n";
        assert_eq!(meminfo(text, "MemAvailable"), Some(24 * 1024));
        assert_eq!(meminfo(text, "SwapFree"), None);
    }
}

//! Is a disk full? Not every program that we start says so: git leaves the reason out, and a linker that writes through
//! memory is ended by SIGBUS.

use std::path::Path;

/// Below this a disk may have been full a moment ago: what failed has removed its own files.
const LITTLE_BYTES: u64 = 64 << 20;

/// What an error adds where there is little room left for `folder`, which need not be there yet: one line, with the place
/// and what to do. `None` where there is room, and where the system does not tell.
pub fn hint(folder: &Path) -> Option<String> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    // Some have no size to tell, and are not full.
    let free_blocks = (disk.f_blocks > 0).then_some(disk.f_bavail)?;
    words(there, free_blocks.checked_mul(disk.f_frsize)?)
}

fn words(folder: &Path, free_bytes: u64) -> Option<String> {
    (free_bytes < LITTLE_BYTES).then(|| {
        format!("only {} KiB are left on the disk of {}: make room there", free_bytes >> 10, folder.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_told_with_the_place() {
        let folder = Path::new("/cache");
        assert_eq!(
            words(folder, 8192).unwrap(),
            "only 8 KiB are left on the disk of /cache: make room there"
        );
        assert_eq!(words(folder, LITTLE_BYTES), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_without_a_size_is_not_full() {
        let folder = Path::new("/proc/self/not there");
        assert_eq!(rustix::fs::statvfs("/proc/self").unwrap().f_blocks, 0);
        assert_eq!(hint(folder), None);
    }
}

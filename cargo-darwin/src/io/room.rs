//! Is a disk full? Not every program that we start says so: git leaves the reason out, and a linker that writes through
//! memory is ended by SIGBUS.

use std::path::Path;

/// Below this a disk may have been full a moment ago: what failed has removed its own files.
const LITTLE_BYTES: u64 = 64 << 20;

/// Words behind an error, where there is little room left for `folder`, which need not be there yet.
pub fn hint(folder: &Path) -> Option<String> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let room = rustix::fs::statvfs(there).ok()?;
    words(there, room.f_bavail.checked_mul(room.f_frsize)?)
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
}

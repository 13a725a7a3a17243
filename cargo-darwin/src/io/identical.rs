//! Whether two executables hold the same code and data.
//!
//! Everything that is loaded into memory is compared, byte for byte and at its address; debug sections, notes and
//! the build id are not. The one difference that is let through is a moved source location: adding a comment above
//! a function that can panic moves the line in its `core::panic::Location`, and nothing that runs reads it before
//! there is a panic.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use object::elf::{R_AARCH64_RELATIVE, R_X86_64_RELATIVE, SHF_ALLOC, SHF_EXECINSTR};
use object::read::{Object, ObjectSection};
use object::{Architecture, File, RelocationFlags, SectionFlags, SectionKind};

/// Bytes of `{ file: *const u8, length: u64, line: u32, column: u32 }`, which is `core::panic::Location` on 64 bit.
const LOCATION_SIZE: usize = 24;
/// Bytes from the start of a location to its line.
const LINE_OFFSET: usize = 16;
/// Longer than any path that a compiler is given; keeps a hostile length from being followed.
const MAX_PATH_BYTES: u64 = 4096;

/// An executable that could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum IdenticalError {
    /// It could not be read.
    #[error("could not read the executable {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no executable that we know.
    #[error("{} is not an ELF, Mach-O or PE executable: {source}; build it again", path.display())]
    Format {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: object::Error,
    },
}

/// Whether both executables load the same code and data, moved source locations aside.
pub fn same_code(a: &Path, b: &Path) -> Result<bool, IdenticalError> {
    let (a_bytes, b_bytes) = (read(a)?, read(b)?);
    let (a_image, b_image) = (Image::parse(a, &a_bytes)?, Image::parse(b, &b_bytes)?);
    Ok(same_image(&a_image, &b_image))
}

fn read(path: &Path) -> Result<Vec<u8>, IdenticalError> {
    std::fs::read(path).map_err(|source| IdenticalError::Read { path: path.to_path_buf(), source })
}

/// What of an executable is loaded.
struct Image<'data> {
    file: File<'data>,
    sections: Vec<Loaded<'data>>,
}

/// One loaded section.
struct Loaded<'data> {
    name: &'data [u8],
    address: u64,
    size: u64,
    /// Empty for zero-filled memory.
    bytes: &'data [u8],
    executable: bool,
    flags: u64,
}

impl<'data> Image<'data> {
    fn parse(path: &Path, bytes: &'data [u8]) -> Result<Image<'data>, IdenticalError> {
        let format = |source| IdenticalError::Format { path: path.to_path_buf(), source };
        let file = File::parse(bytes).map_err(format)?;
        let mut sections = Vec::new();
        for section in file.sections().filter(is_compared) {
            sections.push(Loaded::of(&section).map_err(format)?);
        }
        Ok(Image { file, sections })
    }

    /// The bytes at an address; `None` where they are not all in one section of the file.
    fn at(&self, address: u64, size: u64) -> Option<&'data [u8]> {
        // Zero-filled thread-local memory has an address that it shares with the section behind it.
        let mut filled = self.sections.iter().filter(|section| !section.bytes.is_empty());
        let section =
            filled.find(|section| section.address <= address && address - section.address < section.size)?;
        let start = usize::try_from(address - section.address).ok()?;
        section.bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
    }

    /// Where the loader writes an address relative to the image, and which.
    fn relative_relocations(&self) -> HashMap<u64, u64> {
        let relocations = self.file.dynamic_relocations().into_iter().flatten();
        let relative = relocations.filter(|(_, relocation)| is_relative(relocation.flags()));
        relative.map(|(place, relocation)| (place, relocation.addend().cast_unsigned())).collect()
    }

    fn u64_at(&self, address: u64) -> Option<u64> {
        let bytes = self.at(address, 8)?.try_into().ok()?;
        Some(if self.file.is_little_endian() { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }
}

impl<'data> Loaded<'data> {
    fn of(section: &object::Section<'data, '_>) -> object::Result<Loaded<'data>> {
        let flags = match section.flags() {
            SectionFlags::Elf { sh_flags, .. } => sh_flags.0,
            _ => 0,
        };
        let executable = section.kind() == SectionKind::Text || flags & SHF_EXECINSTR.0 != 0;
        Ok(Loaded {
            name: section.name_bytes()?,
            address: section.address(),
            size: section.size(),
            bytes: section.data()?,
            executable,
            flags,
        })
    }
}

/// Loaded, and no note: the build id is a digest over the debug sections too.
fn is_compared(section: &object::Section<'_, '_>) -> bool {
    if section.kind() == SectionKind::Note {
        return false;
    }
    match section.flags() {
        SectionFlags::Elf { sh_flags, .. } => sh_flags.0 & SHF_ALLOC.0 != 0,
        _ => !matches!(section.kind(), SectionKind::Debug | SectionKind::DebugString),
    }
}

/// The loader adds the base of the image to the addend. Other machines and formats: no location is let through.
fn is_relative(flags: RelocationFlags) -> bool {
    matches!(flags, RelocationFlags::Elf { r_type } if r_type == R_X86_64_RELATIVE || r_type == R_AARCH64_RELATIVE)
}

fn same_image(a: &Image<'_>, b: &Image<'_>) -> bool {
    let head = |image: &Image<'_>| {
        (
            image.file.architecture(),
            image.file.format(),
            image.file.kind(),
            image.file.entry(),
            image.sections.len(),
        )
    };
    if head(a) != head(b) {
        return false;
    }
    let mut relocations = None;
    a.sections.iter().zip(&b.sections).all(|(left, right)| {
        same_place(left, right)
            && (left.bytes == right.bytes || {
                let relocations =
                    relocations.get_or_insert_with(|| (a.relative_relocations(), b.relative_relocations()));
                let sides = [(a, &relocations.0), (b, &relocations.1)];
                only_lines_moved(left, right, sides)
            })
    })
}

fn same_place(a: &Loaded<'_>, b: &Loaded<'_>) -> bool {
    let place = |s: &Loaded<'_>| (s.address, s.size, s.bytes.len(), s.flags);
    a.name == b.name && place(a) == place(b)
}

/// An image and where its loader writes addresses.
type Side<'a> = (&'a Image<'a>, &'a HashMap<u64, u64>);

/// Whether all differences of a data section lie in the line and column of source locations.
fn only_lines_moved(a: &Loaded<'_>, b: &Loaded<'_>, sides: [Side<'_>; 2]) -> bool {
    let known = matches!(sides[0].0.file.architecture(), Architecture::X86_64 | Architecture::Aarch64);
    if a.executable || !known {
        return false;
    }
    let mut next = 0;
    while let Some(offset) = (next..a.bytes.len()).find(|i| a.bytes[*i] != b.bytes[*i]) {
        let address = a.address + offset as u64;
        // Line and column lie together at a multiple of eight, sixteen bytes into their location.
        let position = address & !7;
        let Some(location) = position.checked_sub(LINE_OFFSET as u64) else { return false };
        let names = sides.map(|side| source_name(side, location));
        if location < a.address || names[0].is_none() || names[0] != names[1] {
            return false;
        }
        next = match usize::try_from(location - a.address) {
            Ok(start) => start + LOCATION_SIZE,
            Err(_) => return false,
        };
    }
    true
}

/// The file that a source location at `address` names; `None` where there is no location.
fn source_name<'a>((image, relocations): Side<'a>, address: u64) -> Option<&'a str> {
    let pointer = match relocations.get(&address) {
        Some(target) => *target,
        // Packed relocations and programs at a fixed address keep the target in place.
        None => image.u64_at(address)?,
    };
    let length = image.u64_at(address + 8).filter(|length| *length <= MAX_PATH_BYTES)?;
    let line_and_column = image.at(address + LINE_OFFSET as u64, 8)?;
    let counted_from_one = line_and_column.chunks_exact(4).all(|number| number != [0; 4]);
    let name = std::str::from_utf8(image.at(pointer, length)?).ok()?;
    (counted_from_one && name.trim_end_matches('\0').ends_with(".rs")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const PROGRAM: &str = "
        static TABLE: [u64; 3] = [1, 2, 3];
        #[inline(never)]
        fn pick(i: usize) -> u64 { TABLE[i] + \"x\".repeat(i).parse::<u64>().unwrap_or(7) }
        fn main() { println!(\"count {}\", pick(std::env::args().count())); }
    ";

    struct Compiled {
        temp: tempfile::TempDir,
    }

    impl Compiled {
        /// Builds both programs under the same name, as cargo does in two target directories.
        fn pair(a: &str, b: &str, flags: &[&str]) -> Compiled {
            let temp = tempfile::tempdir().unwrap();
            for (side, source) in [("a", a), ("b", b)] {
                let dir = temp.path().join(side);
                std::fs::create_dir(&dir).unwrap();
                std::fs::write(dir.join("p.rs"), source).unwrap();
                let mut rustc = Command::new("rustc");
                rustc.current_dir(&dir).args(["--edition=2024", "-Cdebuginfo=line-tables-only"]).args(flags);
                assert!(rustc.arg("p.rs").status().unwrap().success());
            }
            Compiled { temp }
        }

        fn same(&self) -> bool {
            same_code(&self.temp.path().join("a/p"), &self.temp.path().join("b/p")).unwrap()
        }
    }

    fn with_comment() -> String {
        PROGRAM.replace("#[inline(never)]", "// a comment\n// of two lines\n#[inline(never)]")
    }

    #[test]
    fn a_program_is_the_same_as_itself_built_in_another_folder() {
        assert!(Compiled::pair(PROGRAM, PROGRAM, &["-O"]).same());
    }

    #[test]
    fn a_comment_above_a_function_that_can_panic_changes_no_code() {
        for flags in [["-O", "-Ccodegen-units=4"], ["-O", "-Clto=thin"], ["-O", "-Crelocation-model=static"]]
        {
            assert!(Compiled::pair(PROGRAM, &with_comment(), &flags).same(), "{flags:?}");
        }
    }

    #[test]
    fn a_changed_constant_is_a_change() {
        assert!(!Compiled::pair(PROGRAM, &PROGRAM.replace("1, 2, 3", "1, 2, 4"), &["-O"]).same());
    }

    #[test]
    fn a_changed_constant_next_to_a_moved_line_is_a_change() {
        assert!(!Compiled::pair(PROGRAM, &with_comment().replace("1, 2, 3", "1, 2, 4"), &["-O"]).same());
    }

    #[test]
    fn a_changed_string_is_a_change() {
        assert!(!Compiled::pair(PROGRAM, &PROGRAM.replace("count {}", "cound {}"), &["-O"]).same());
    }

    #[test]
    fn changed_code_is_a_change() {
        assert!(!Compiled::pair(PROGRAM, &PROGRAM.replace("TABLE[i] +", "TABLE[i] *"), &["-O"]).same());
    }

    #[test]
    fn a_number_pair_that_is_no_location_is_a_change() {
        let program = "
            pub struct Entry { pub name: &'static str, pub a: u32, pub b: u32 }
            #[used]
            static ENTRY: Entry = Entry { name: \"not a source file\", a: 1, b: 2 };
            fn main() {}
        ";
        assert!(!Compiled::pair(program, &program.replace("a: 1", "a: 3"), &["-O"]).same());
    }

    #[test]
    fn a_file_that_is_no_executable_is_an_error() {
        let temp = tempfile::tempdir().unwrap();
        let (a, b) = (temp.path().join("a"), temp.path().join("b"));
        std::fs::write(&a, "garbage").unwrap();
        std::fs::write(&b, "garbage").unwrap();
        assert!(same_code(&a, &b).is_err());
        assert!(same_code(&a, &temp.path().join("missing")).is_err());
    }

    #[test]
    fn a_damaged_executable_never_panics_and_is_never_taken_for_the_whole_one() {
        let pair = Compiled::pair(PROGRAM, PROGRAM, &["-O"]);
        let (whole, broken) = (pair.temp.path().join("a/p"), pair.temp.path().join("broken"));
        let bytes = std::fs::read(&whole).unwrap();
        for length in (0..bytes.len()).step_by(bytes.len() / 16) {
            std::fs::write(&broken, &bytes[..length]).unwrap();
            assert!(!same_code(&whole, &broken).unwrap_or(false), "cut off at {length}");
        }
        // Section headers stand at the end: damage there must be noticed too, without a panic.
        for offset in (0..bytes.len()).step_by(bytes.len() / 16) {
            let mut damaged = bytes.clone();
            damaged[offset..].iter_mut().take(64).for_each(|byte| *byte = 0xff);
            std::fs::write(&broken, damaged).unwrap();
            let _ = same_code(&whole, &broken);
        }
    }
}

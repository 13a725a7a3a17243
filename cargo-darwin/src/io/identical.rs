//! Whether two executables hold the same code and data.
//!
//! Everything that is loaded into memory is compared, byte for byte and at its address; debug sections, notes and
//! the build id are not. The one difference that is let through is a moved source location: adding a comment above
//! a function that can panic moves the line in its `core::panic::Location`, and nothing that runs reads it before
//! there is a panic.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use object::elf::{R_AARCH64_RELATIVE, R_X86_64_RELATIVE, SHF_ALLOC, SHF_EXECINSTR};
use object::read::{Object, ObjectSection};
use object::{Architecture, BinaryFormat, File, ObjectKind, RelocationFlags, SectionFlags, SectionKind};

use super::digest::Digest;

/// Bytes of `{ file: *const u8, length: u64, line: u32, column: u32 }`, which is `core::panic::Location` on 64 bit.
const LOCATION_SIZE: usize = 24;
/// Bytes from the start of a location to its line.
const LINE_OFFSET: usize = 16;
/// Bytes of line and column, which lie together.
const LINE_AND_COLUMN_SIZE: usize = 8;
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
///
/// # Errors
/// When one of them cannot be read, or is no executable.
pub fn same_code(a: &Path, b: &Path) -> Result<bool, IdenticalError> {
    let (a_bytes, b_bytes) = (read(a)?, read(b)?);
    let (a_image, b_image) = (Image::parse(a, &a_bytes)?, Image::parse(b, &b_bytes)?);
    if a_image.head() != b_image.head() {
        return Ok(false);
    }
    let (a_places, b_places) = (a_image.locations(), b_image.locations());
    let mut sections = a_image.sections.iter().zip(&b_image.sections);
    Ok(a_places == b_places && sections.all(|(left, right)| left.is_like(&a_places, right, &b_places)))
}

/// What code and data an executable loads, in 32 hexadecimal digits: the same for two of them when, and but for
/// collisions only when, [`same_code`] says so.
///
/// # Errors
/// When it cannot be read, or is no executable.
pub fn digest(path: &Path) -> Result<String, IdenticalError> {
    let bytes = read(path)?;
    let image = Image::parse(path, &bytes)?;
    let places = image.locations();
    let mut digest = Digest::default();
    digest.part(format!("{:?}", image.head()));
    for (address, file) in &places {
        digest.part(address.to_le_bytes()).part(file);
    }
    for section in &image.sections {
        digest.part(section.name).part(format!("{:?}", section.place()));
        for piece in section.pieces(&places) {
            digest.part(piece);
        }
    }
    Ok(digest.hex())
}

/// Whether all machine code of both executables is the same; their data may differ.
///
/// # Errors
/// When one of them cannot be read, or is no executable.
pub fn same_text(a: &Path, b: &Path) -> Result<bool, IdenticalError> {
    let (a_bytes, b_bytes) = (read(a)?, read(b)?);
    let (a_image, b_image) = (Image::parse(a, &a_bytes)?, Image::parse(b, &b_bytes)?);
    Ok(a_image.head().0 == b_image.head().0 && a_image.text().eq(b_image.text()))
}

fn read(path: &Path) -> Result<Vec<u8>, IdenticalError> {
    std::fs::read(path).map_err(|source| IdenticalError::Read { path: path.to_path_buf(), source })
}

/// Source locations: the address of the line, and the file.
type Locations<'data> = BTreeMap<u64, &'data str>;

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

    /// What must be the same before anything else is looked at.
    fn head(&self) -> (Architecture, BinaryFormat, ObjectKind, u64, usize) {
        let file = &self.file;
        (file.architecture(), file.format(), file.kind(), file.entry(), self.sections.len())
    }

    /// Name and bytes of every section with code, in their order.
    fn text(&self) -> impl Iterator<Item = (&'data [u8], &'data [u8])> {
        self.sections.iter().filter(|section| section.executable).map(|section| (section.name, section.bytes))
    }

    /// Every source location in the data, by the address of its line, with the file that it names.
    fn locations(&self) -> Locations<'data> {
        let known = matches!(self.file.architecture(), Architecture::X86_64 | Architecture::Aarch64);
        if !known || !self.file.is_64() {
            return Locations::new();
        }
        let relocations = self.relative_relocations();
        let data = self.sections.iter().filter(|section| !section.executable);
        let places = data.flat_map(Loaded::possible_locations);
        let named = |at: u64| Some((at + LINE_OFFSET as u64, self.source_name(&relocations, at)?));
        places.filter_map(named).collect()
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

    /// The file that a source location at `address` names; `None` where there is no location.
    fn source_name(&self, relocations: &HashMap<u64, u64>, address: u64) -> Option<&'data str> {
        let line_and_column = self.at(address + LINE_OFFSET as u64, LINE_AND_COLUMN_SIZE as u64)?;
        let counted_from_one = line_and_column.chunks_exact(4).all(|number| number != [0; 4]);
        let length = self.u64_at(address + 8).filter(|length| *length <= MAX_PATH_BYTES)?;
        if !counted_from_one || length == 0 {
            return None;
        }
        let pointer = match relocations.get(&address) {
            Some(target) => *target,
            // Packed relocations and programs at a fixed address keep the target in place.
            None => self.u64_at(address)?,
        };
        let name = std::str::from_utf8(self.at(pointer, length)?).ok()?;
        name.trim_end_matches('\0').ends_with(".rs").then_some(name)
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

    fn place(&self) -> (u64, u64, usize, u64) {
        (self.address, self.size, self.bytes.len(), self.flags)
    }

    /// Addresses at which a source location fits: it is aligned to eight bytes.
    fn possible_locations(&self) -> impl Iterator<Item = u64> + use<> {
        let end = self.address.saturating_add(self.bytes.len() as u64);
        let first = self.address.checked_next_multiple_of(8).unwrap_or(end);
        (first..end.saturating_sub(LOCATION_SIZE as u64 - 1)).step_by(8)
    }

    /// The bytes between the lines and columns of source locations.
    fn pieces(&self, locations: &Locations<'_>) -> impl Iterator<Item = &'data [u8]> {
        let end = self.address.saturating_add(self.bytes.len() as u64);
        let bytes = self.bytes;
        let lines = locations.range(self.address..end).map(|(line, _)| (line - self.address) as usize);
        let left_out: Vec<usize> = if bytes.is_empty() { Vec::new() } else { lines.collect() };
        let mut start = 0;
        left_out.into_iter().map(Some).chain([None]).map(move |line| {
            let piece = bytes.get(start..line.unwrap_or(bytes.len())).unwrap_or_default();
            start = line.map_or(bytes.len(), |line| line + LINE_AND_COLUMN_SIZE);
            piece
        })
    }

    fn is_like(&self, own: &Locations<'_>, other: &Loaded<'_>, others: &Locations<'_>) -> bool {
        self.name == other.name
            && self.place() == other.place()
            && (self.bytes == other.bytes || self.pieces(own).eq(other.pieces(others)))
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

        /// Also sees to it that digests say the same.
        fn same(&self) -> bool {
            let [a, b] = self.paths();
            let same = same_code(&a, &b).unwrap();
            assert_eq!(digest(&a).unwrap() == digest(&b).unwrap(), same);
            same
        }

        fn paths(&self) -> [PathBuf; 2] {
            ["a/p", "b/p"].map(|path| self.temp.path().join(path))
        }

        fn same_text(&self) -> bool {
            let [a, b] = self.paths();
            same_text(&a, &b).unwrap()
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
    fn data_of_the_same_size_may_change_under_the_same_machine_code() {
        let pair = Compiled::pair(PROGRAM, &PROGRAM.replace("1, 2, 3", "1, 2, 4"), &["-O"]);
        assert!(!pair.same() && pair.same_text());
        let pair = Compiled::pair(PROGRAM, &PROGRAM.replace("TABLE[i] +", "TABLE[i] *"), &["-O"]);
        assert!(!pair.same_text());
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

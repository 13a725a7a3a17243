//! A file's bytes and checked looks into them.

use darwin_runtime::layout::{CELL_BYTES, Header};

/// The content of a map.
#[derive(Debug)]
pub(super) struct Bytes(Vec<u8>);

/// A structure in a map: fields are read relative to its offset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    pub(super) at: u64,
}

impl Bytes {
    pub(super) fn new(content: Vec<u8>) -> Bytes {
        Bytes(content)
    }

    /// The structure of `size` bytes at offset `at`; `None` when it is not wholly inside the file.
    pub(super) fn record(&self, at: u64, size: usize) -> Option<Record<'_>> {
        let begin = usize::try_from(at).ok()?;
        let bytes = self.0.get(begin..begin.checked_add(size)?)?;
        Some(Record { bytes, at })
    }

    pub(super) fn text(&self, at: u64, length: u64) -> Option<String> {
        let record = self.record(at, usize::try_from(length).ok()?)?;
        Some(String::from_utf8_lossy(record.bytes).into_owned())
    }

    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Keeps the first `length` bytes only.
    pub(super) fn shrink(&mut self, length: u64) {
        self.0.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        self.0.shrink_to_fit();
    }
}

/// The head of a map, as much of it as is there.
pub(super) fn header(bytes: &Bytes) -> Record<'_> {
    Record { bytes: &bytes.0[..bytes.0.len().min(size_of::<Header>())], at: 0 }
}

impl<'a> Record<'a> {
    pub(super) fn u64(&self, offset: usize) -> Option<u64> {
        let bytes = self.bytes.get(offset..offset + 8)?;
        Some(u64::from_ne_bytes(bytes.try_into().ok()?))
    }

    pub(super) fn u32(&self, offset: usize) -> Option<u32> {
        let bytes = self.bytes.get(offset..offset + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    }

    /// The words of the record from `offset` on.
    pub(super) fn words_u64(&self, offset: usize) -> impl Iterator<Item = u64> + use<'a> {
        let words = self.bytes.get(offset..).unwrap_or_default();
        words.chunks_exact(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap_or_default()))
    }

    /// The same in 32 bits.
    pub(super) fn words_u32(&self, offset: usize) -> impl Iterator<Item = u32> + use<'a> {
        let words = self.bytes.get(offset..).unwrap_or_default();
        words.chunks_exact(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap_or_default()))
    }

    /// Where a distance in cells from this record leads; zero leads nowhere.
    pub(super) fn follow(&self, cells: u32) -> Option<u64> {
        let distance = i64::from(cells as i32) * CELL_BYTES as i64;
        (cells != 0).then(|| self.at.checked_add_signed(distance)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_file_is_ever_seen() {
        let bytes = Bytes::new(vec![1; 100]);
        assert!(bytes.record(96, 4).is_some());
        assert!(bytes.record(97, 4).is_none());
        assert!(bytes.record(u64::MAX, 4).is_none());
        assert!(bytes.text(10, u64::MAX).is_none());
        assert_eq!(bytes.record(0, 8).and_then(|record| record.u64(4)), None);
    }
}

//! Reading a file from its beginning to its end.

use crate::error::Malformed;

/// What has not been read yet of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a> {
    rest: &'a [u8],
    read: usize,
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(file: &'a [u8]) -> Self {
        Self { rest: file, read: 0 }
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(self.ends(count))?;
        *self = Self { rest, read: self.read + count };
        Ok(taken)
    }

    /// The next `count` records of `N` bytes.
    pub(crate) fn records<const N: usize>(&mut self, count: usize) -> Result<&'a [[u8; N]], Malformed> {
        let bytes = self.take(count.saturating_mul(N))?;
        Ok(bytes.as_chunks().0)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        Ok(self.records::<N>(1)?[0])
    }

    /// The next line, which must end with a line feed; without it.
    pub(crate) fn line(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.rest.iter().position(|&byte| byte == b'\n').ok_or(self.ends(self.rest.len()))?;
        let line = self.take(length)?;
        self.take(1)?;
        Ok(line)
    }

    /// The file ends within the next `count` bytes.
    fn ends(&self, count: usize) -> Malformed {
        Malformed::Ends { at: self.read.saturating_add(count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_one_after_another() {
        let mut bytes = Bytes::new(&[1, 2, 3, 4, 5]);
        assert_eq!(bytes.records::<2>(2), Ok(&[[1, 2], [3, 4]][..]));
        assert_eq!(bytes.array::<1>(), Ok([5]));
    }

    #[test]
    fn what_is_not_there_is_named_by_its_place() {
        let mut bytes = Bytes::new(&[1, 2, 3]);
        assert_eq!(bytes.take(1), Ok(&[1][..]));
        assert_eq!(bytes.take(3), Err(Malformed::Ends { at: 4 }));
        assert_eq!(bytes.records::<8>(usize::MAX), Err(Malformed::Ends { at: usize::MAX }));
    }

    #[test]
    fn a_line_ends_with_a_line_feed() {
        let mut bytes = Bytes::new(b"\nUTC0\nUTC");
        assert_eq!(bytes.line(), Ok(&b""[..]));
        assert_eq!(bytes.line(), Ok(&b"UTC0"[..]));
        assert_eq!(bytes.line(), Err(Malformed::Ends { at: 9 }));
    }
}

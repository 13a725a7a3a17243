//! A digest for names of cached things: never a proof against an attacker, who could as well change the cache.

/// FNV-1a with 128 bits over length-prefixed parts, so that `("ab", "c")` and `("a", "bc")` differ.
///
/// Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
#[derive(Debug, Clone)]
pub struct Digest(u128);

const FNV_OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

impl Default for Digest {
    fn default() -> Digest {
        Digest(FNV_OFFSET_BASIS)
    }
}

impl Digest {
    /// Takes in one part.
    pub fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Digest {
        let bytes = bytes.as_ref();
        self.bytes(&(bytes.len() as u64).to_le_bytes());
        self.bytes(bytes);
        self
    }

    /// 32 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:032x}", self.0)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_value_for_the_letter_a_comes_out() {
        let mut digest = Digest::default();
        digest.bytes(b"a");
        assert_eq!(digest.hex(), "d228cb696f1a8caf78912b704e4a8964");
    }

    #[test]
    fn parts_are_told_apart() {
        let (mut left, mut right) = (Digest::default(), Digest::default());
        assert_ne!(left.part("ab").part("c").hex(), right.part("a").part("bc").hex());
    }
}

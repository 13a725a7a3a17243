//! How `cargo darwin` names sites to a program that it has not started yet: by a hash of their names.

/// FNV-1a, 64 bits (Fowler, Noll and Vo), of the parts of a name one behind the other.
pub fn hash<'a>(parts: impl Iterator<Item = &'a str>) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    parts.flat_map(str::bytes).fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn a_name_has_the_published_hash_however_it_is_cut() {
        // Test vectors of the authors: http://www.isthe.com/chongo/tech/comp/fnv/.
        assert_eq!(hash(["foobar"].into_iter()), 0x8594_4171_f739_67e8);
        assert_eq!(hash(["fo", "", "obar"].into_iter()), 0x8594_4171_f739_67e8);
    }
}

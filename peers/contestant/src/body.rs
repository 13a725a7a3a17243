//! The bodies: arithmetic of which every step needs the one before, so that a loop of calls takes as long as its calls
//! one after the other, and no profiler can hide behind them.

/// One lap: a multiplication that has to wait for an exclusive or that has to wait for the lap before. The two do not
/// fold into one over several laps, whatever the compiler knows.
#[inline(always)]
fn lap(x: u64) -> u64 {
    (x ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd134_2543_de82_ef95)
}

/// So many laps.
#[inline(always)]
pub fn work<const LAPS: u64>(mut x: u64) -> u64 {
    for _ in 0..LAPS {
        x = lap(x);
    }
    x
}

/// One function for each of [`contestant::BODIES`], with what is measured around each: attributes in brackets, then
/// statements in braces.
macro_rules! bodies {
    ($attributes:tt $statements:tt) => {
        $crate::body::body!(short, 0, $attributes, $statements);
        $crate::body::body!(middle, 1, $attributes, $statements);
        $crate::body::body!(long, 2, $attributes, $statements);
        $crate::body::body!(known_5_ns, 3, $attributes, $statements);
        $crate::body::body!(known_20_ns, 4, $attributes, $statements);
        $crate::body::body!(known_80_ns, 5, $attributes, $statements);
        $crate::body::body!(known_330_ns, 6, $attributes, $statements);
        $crate::body::body!(known_1300_ns, 7, $attributes, $statements);
        $crate::body::body!(known_100_us, 8, $attributes, $statements);
        $crate::body::body!(known_10_ms, 9, $attributes, $statements);
        $crate::body::all_bodies!();
    };
}

/// One of them; `BODY` is its number.
macro_rules! body {
    ($name:ident, $number:literal, [$($attribute:tt)*], { $($statement:tt)* }) => {
        #[inline(never)]
        $($attribute)*
        fn $name(x: u64) -> u64 {
            #[allow(dead_code, reason = "only some contestants keep their figures by number")]
            const BODY: usize = $number;
            $($statement)*
            $crate::body::work::<{ contestant::BODIES[$number].laps }>(x)
        }
    };
}

/// Their table.
macro_rules! all_bodies {
    () => {
        /// By number in [`contestant::BODIES`].
        pub const ALL: $crate::body::Bodies = [
            short,
            middle,
            long,
            known_5_ns,
            known_20_ns,
            known_80_ns,
            known_330_ns,
            known_1300_ns,
            known_100_us,
            known_10_ms,
        ];
    };
}

pub(crate) use {all_bodies, bodies, body};

/// A function for each of [`contestant::BODIES`].
pub type Bodies = [fn(u64) -> u64; contestant::BODIES.len()];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profilers;

    #[test]
    fn laps_follow_each_other() {
        assert_eq!(work::<0>(7), 7);
        assert_eq!(work::<3>(7), lap(lap(lap(7))));
        assert_ne!(work::<2>(7), work::<3>(7));
    }

    #[test]
    fn every_contestant_computes_the_same() {
        let expected: Vec<u64> = profilers::bare::call::ALL[..8].iter().map(|body| body(7)).collect();
        for (name, entry) in profilers::entries() {
            let computed: Vec<u64> = entry.bodies[..8].iter().map(|body| body(7)).collect();
            assert_eq!(computed, expected, "{name}");
        }
    }
}

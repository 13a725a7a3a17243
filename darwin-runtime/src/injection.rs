//! Work that `cargo darwin` asks one site of a program to do beside its own, for proofs and experiments: how it asks, and
//! the chain that takes the time. It is the same code on both sides of a block, of which one is asked for nothing.
#![allow(unsafe_code, reason = "the chain is assembly: the same in every build, and after a barrier")]

/// The variable by which it asks. Ignored unless `cargo darwin` started the process.
pub const VARIABLE: &str = "DARWIN_INJECT";

/// Most steps that the variable holds.
pub const MOST_STEPS: u32 = 99_999_999;

/// Most ticks that the variable holds: with them no call is of the tail.
pub const MOST_TICKS: u64 = 99_999_999_999_999;

/// Most allocations that the variable holds.
pub const MOST_ALLOCS: u32 = 9;

/// Between names of the site. None has it: they are lines of tables.
const BETWEEN_NAMES: char = '\n';

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Links of the chain.
    pub steps: u32,
    /// Only calls that have taken more ticks than this; zero: every call.
    pub over: u64,
    /// Allocations, freed again.
    pub allocs: u32,
    /// Names of the site as reports have them, of which the first that the program has counts: a baseline may have another
    /// one than the candidate.
    pub names: Vec<String>,
}

impl Asked {
    /// The variable's value: as long for one work as for any other, since the size of the environment moves the stack.
    pub fn variable(&self) -> String {
        let (steps, over) = (self.steps.min(MOST_STEPS), self.over.min(MOST_TICKS));
        let (allocs, names) = (self.allocs.min(MOST_ALLOCS), self.names.join(&BETWEEN_NAMES.to_string()));
        format!("steps={steps:08} over={over:014} allocs={allocs} site={names}")
    }

    /// What a value asks for; `None` for one that is not ours.
    pub fn parse(value: &str) -> Option<Asked> {
        let (steps, rest) = value.strip_prefix("steps=")?.split_once(" over=")?;
        let (over, rest) = rest.split_once(" allocs=")?;
        let (allocs, names) = rest.split_once(" site=")?;
        let names: Vec<String> = names.split(BETWEEN_NAMES).map(str::to_owned).collect();
        let asked = Asked {
            steps: steps.parse().ok()?,
            over: over.parse().ok()?,
            allocs: allocs.parse().ok()?,
            names,
        };
        let fits = asked.steps <= MOST_STEPS && asked.over <= MOST_TICKS && asked.allocs <= MOST_ALLOCS;
        (fits && asked.names.iter().all(|name| !name.is_empty())).then_some(asked)
    }
}

/// A name as reports have it, taken apart: as the program knows it, and as the how many-th of that name in source order.
pub fn repeat(name: &str) -> (&str, usize) {
    let numbered = name.rsplit_once('#').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    numbered.filter(|(_, number)| *number > 1).unwrap_or((name, 1))
}

/// Links between two branches of the loop.
const STEPS_PER_ROUND: u32 = 32;

/// Waits until all code before it is done, and then for `steps` operations of which each needs the one before. Without the
/// barriers the processor would do them beside the end of the measured code, or beside what is between them and the clock.
#[inline(never)]
pub fn chain(steps: u32) {
    links(steps / STEPS_PER_ROUND, steps % STEPS_PER_ROUND);
}

/// A link is an addition, of one cycle. Those that are no whole round are made by the bits of their number: branches that
/// are the same at each call, and none of a loop whose end would be guessed wrong.
///
/// Sixteen links that nobody asked for stand before the branches, which are looked at beside them, and sixteen behind, so that
/// every chain ends alike. With these a single link adds a cycle; without either, one to three links more or less.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn links(rounds: u32, rest: u32) {
    // SAFETY: works on its own registers alone.
    unsafe {
        std::arch::asm!(
            "lfence",
            ".rept 16",
            "add {state}, {key}",
            ".endr",
            "test {rest:e}, 16",
            "jz 2f",
            ".rept 16",
            "add {state}, {key}",
            ".endr",
            "2:",
            "test {rest:e}, 8",
            "jz 3f",
            ".rept 8",
            "add {state}, {key}",
            ".endr",
            "3:",
            "test {rest:e}, 4",
            "jz 4f",
            ".rept 4",
            "add {state}, {key}",
            ".endr",
            "4:",
            "test {rest:e}, 2",
            "jz 5f",
            ".rept 2",
            "add {state}, {key}",
            ".endr",
            "5:",
            "test {rest:e}, 1",
            "jz 6f",
            "add {state}, {key}",
            "6:",
            "test {rounds:e}, {rounds:e}",
            "jz 8f",
            "7:",
            ".rept 32",
            "add {state}, {key}",
            ".endr",
            "dec {rounds:e}",
            "jnz 7b",
            "8:",
            ".rept 16",
            "add {state}, {key}",
            ".endr",
            "lfence",
            rounds = inout(reg) rounds => _,
            rest = in(reg) rest,
            state = inout(reg) KEY => _,
            key = in(reg) KEY,
            options(nostack),
        );
    }
}

/// The same.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn links(rounds: u32, rest: u32) {
    // SAFETY: works on its own registers alone.
    unsafe {
        std::arch::asm!(
            "isb",
            ".rept 16",
            "add {state}, {state}, {key}",
            ".endr",
            "tbz {rest:w}, #4, 2f",
            ".rept 16",
            "add {state}, {state}, {key}",
            ".endr",
            "2:",
            "tbz {rest:w}, #3, 3f",
            ".rept 8",
            "add {state}, {state}, {key}",
            ".endr",
            "3:",
            "tbz {rest:w}, #2, 4f",
            ".rept 4",
            "add {state}, {state}, {key}",
            ".endr",
            "4:",
            "tbz {rest:w}, #1, 5f",
            ".rept 2",
            "add {state}, {state}, {key}",
            ".endr",
            "5:",
            "tbz {rest:w}, #0, 6f",
            "add {state}, {state}, {key}",
            "6:",
            "cbz {rounds:w}, 8f",
            "7:",
            ".rept 32",
            "add {state}, {state}, {key}",
            ".endr",
            "subs {rounds:w}, {rounds:w}, #1",
            "b.ne 7b",
            "8:",
            ".rept 16",
            "add {state}, {state}, {key}",
            ".endr",
            "isb",
            rounds = inout(reg) rounds => _,
            rest = in(reg) rest,
            state = inout(reg) KEY => _,
            key = in(reg) KEY,
            options(nostack),
        );
    }
}

/// Elsewhere: links of some nanoseconds, through memory.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
#[inline(always)]
fn links(rounds: u32, rest: u32) {
    use std::sync::atomic::{Ordering, fence};
    fence(Ordering::SeqCst);
    let steps = u64::from(rounds) * u64::from(STEPS_PER_ROUND) + u64::from(rest);
    std::hint::black_box((0..steps).fold(KEY, |state, _| std::hint::black_box(state.wrapping_add(KEY))));
}

/// Any odd number of many bits.
const KEY: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(steps: u32, over: u64, allocs: u32) -> Asked {
        Asked { steps, over, allocs, names: vec!["m::F<Item = u8>::f#2".into(), "m::old f".into()] }
    }

    #[test]
    fn what_is_asked_for_survives_the_variable() {
        for asked in [asked(0, 0, 0), asked(123, 0, 1), asked(MOST_STEPS, MOST_TICKS, MOST_ALLOCS)] {
            assert_eq!(Asked::parse(&asked.variable()), Some(asked));
        }
    }

    #[test]
    fn nothing_takes_as_much_room_as_much() {
        let longest = asked(u32::MAX, u64::MAX, u32::MAX).variable();
        assert_eq!(asked(0, 0, 0).variable().len(), longest.len());
        assert_eq!(
            asked(123, 0, 0).variable(),
            "steps=00000123 over=00000000000000 allocs=0 site=m::F<Item = u8>::f#2\nm::old f"
        );
    }

    #[test]
    fn a_value_that_is_not_ours_asks_for_nothing() {
        let value = asked(1, 2, 3).variable();
        for damaged in [
            "",
            "steps=1",
            "steps=x over=0 allocs=0 site=f",
            "steps=0 over=-1 allocs=0 site=f",
            "steps=0 over=0 allocs=10 site=f",
            "steps=100000000 over=0 allocs=0 site=f",
            "steps=0 over=0 allocs=0 site=",
            "steps=0 over=0 allocs=0 site=f\n",
            &value[1..],
        ] {
            assert_eq!(Asked::parse(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn a_repeated_name_has_its_number_behind_it() {
        assert_eq!(repeat("m::f"), ("m::f", 1));
        assert_eq!(repeat("m::f#2"), ("m::f", 2));
        for own in ["m::f#1", "m::f#", "m::f#x", "C#"] {
            assert_eq!(repeat(own), (own, 1));
        }
    }

    #[test]
    fn a_chain_of_any_length_comes_to_its_end() {
        for steps in [0, 1, STEPS_PER_ROUND - 1, STEPS_PER_ROUND, STEPS_PER_ROUND + 1, 100_000] {
            chain(steps);
        }
    }
}

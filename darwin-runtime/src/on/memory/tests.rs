use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::*;
use crate::on::cold;

fn used(allocs: u64, bytes: u64, frees: u64, freed_bytes: u64, peak_bytes: u64) -> Used {
    Used { allocs, bytes, frees, freed_bytes, peak_bytes }
}

/// What `work` does as one call.
fn call(memory: &Memory, work: impl FnOnce()) -> Used {
    let mark = memory.enter();
    work();
    memory.leave(&mark).unwrap_or_default()
}

#[test]
fn a_call_counts_what_comes_and_goes_and_the_most_that_it_held() {
    let memory = Memory::new();
    memory.allocate(1000);
    let counted = call(&memory, || {
        memory.allocate(30);
        memory.allocate(20);
        memory.free(30);
        memory.allocate(5);
    });
    assert_eq!(counted, used(3, 55, 1, 30, 50));
}

#[test]
fn a_call_that_does_nothing_with_memory_has_nothing_to_count() {
    let memory = Memory::new();
    memory.allocate(8);
    let mark = memory.enter();
    assert_eq!(memory.leave(&mark), None);
}

#[test]
fn a_block_that_grows_or_shrinks_is_one_that_comes_and_one_that_goes() {
    let memory = Memory::new();
    let counted = call(&memory, || {
        memory.allocate(100);
        memory.reallocate(100, 400);
        memory.reallocate(400, 50);
        memory.free(50);
    });
    assert_eq!(counted, used(3, 400, 3, 400, 400));
}

#[test]
fn an_inner_call_has_a_peak_of_its_own_and_adds_to_the_outer_one() {
    let memory = Memory::new();
    let mut inner = Used::default();
    let outer = call(&memory, || {
        memory.allocate(10);
        inner = call(&memory, || {
            memory.allocate(7);
            memory.free(7);
        });
        memory.free(10);
    });
    assert_eq!(inner, used(1, 7, 1, 7, 7));
    assert_eq!(outer, used(2, 17, 2, 17, 17));
}

#[test]
fn a_peak_before_an_inner_call_is_not_forgotten() {
    let memory = Memory::new();
    for work in [0, 3] {
        let outer = call(&memory, || {
            memory.allocate(100);
            memory.free(100);
            call(&memory, || {
                (0..work).for_each(|_| memory.allocate(1));
                (0..work).for_each(|_| memory.free(1));
            });
        });
        assert_eq!(outer.peak_bytes, 100, "the inner call allocates {work} times");
    }
}

#[test]
fn each_level_of_a_recursion_holds_what_the_levels_below_it_hold() {
    fn level(memory: &Memory, depth: u64, peaks: &mut Vec<u64>) {
        let counted = call(memory, || {
            memory.allocate(10);
            if depth > 0 {
                level(memory, depth - 1, peaks);
            }
            memory.free(10);
        });
        peaks.push(counted.peak_bytes);
    }
    let mut peaks = Vec::new();
    level(&Memory::new(), 3, &mut peaks);
    assert_eq!(peaks, [10, 20, 30, 40]);
}

#[test]
fn what_others_allocated_counts_as_freed_and_lowers_what_is_held() {
    let memory = Memory::new();
    let frees = call(&memory, || memory.free(500));
    assert_eq!(frees, used(0, 0, 1, 500, 0));
    let replaces = call(&memory, || {
        memory.free(500);
        memory.allocate(200);
    });
    assert_eq!(replaces, used(1, 200, 1, 500, 0), "it never held more than at its beginning");
    let adds = call(&memory, || {
        memory.allocate(200);
        memory.free(500);
    });
    assert_eq!(adds.peak_bytes, 200, "whatever the thread held before");
}

/// The same calls told by brute force: every step is kept, every call looks at all of its own.
#[derive(Default)]
struct Told {
    /// Bytes that came, or, below zero, went.
    steps: Vec<i64>,
}

impl Told {
    fn since(&self, first: usize) -> Used {
        let (mut held, mut told) = (0, Used::default());
        for step in &self.steps[first..] {
            held += step;
            if *step > 0 {
                (told.allocs, told.bytes) = (told.allocs + 1, told.bytes + step.unsigned_abs());
            } else {
                (told.frees, told.freed_bytes) = (told.frees + 1, told.freed_bytes + step.unsigned_abs());
            }
            told.peak_bytes = told.peak_bytes.max(held.max(0).unsigned_abs());
        }
        told
    }
}

/// A tree of calls, drawn at random, each compared with what is told of it.
fn random_call(memory: &Memory, told: &mut Told, depth: u32, random: &mut impl FnMut(u64) -> u64) {
    let (mark, first) = (memory.enter(), told.steps.len());
    for _ in 0..random(8) {
        let bytes = 1 + random(1000) as usize;
        match random(5) {
            0 | 1 => {
                memory.allocate(bytes);
                told.steps.push(bytes as i64);
            }
            2 | 3 => {
                memory.free(bytes);
                told.steps.push(-(bytes as i64));
            }
            _ if depth > 0 => random_call(memory, told, depth - 1, random),
            _ => {}
        }
    }
    assert_eq!(memory.leave(&mark).unwrap_or_default(), told.since(first));
}

#[test]
fn random_trees_of_calls_are_counted_as_brute_force_counts_them() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let (memory, mut told) = (Memory::new(), Told::default());
    for _ in 0..2000 {
        random_call(&memory, &mut told, 6, &mut random);
        told.steps.clear();
    }
}

#[test]
fn what_a_future_holds_goes_with_it_from_poll_to_poll_and_thread_to_thread() {
    let poll = |work: fn(&Memory)| {
        let part = move || {
            let part = Part::begin();
            local::with(|local| work(&local.memory));
            part.end()
        };
        thread::spawn(part).join().expect("the thread ends well")
    };
    let first = poll(|memory| memory.allocate(100));
    let second = poll(|memory| {
        memory.allocate(20);
        memory.free(110);
    });
    let third = poll(|memory| memory.allocate(50));
    let whole = [first, second, third].into_iter().fold(Used::default(), Used::then);
    assert_eq!(whole, used(3, 170, 1, 110, 120));
    let last = poll(|memory| memory.allocate(200));
    assert_eq!(whole.then(last).peak_bytes, 260, "it held 60 before");
}

#[test]
fn a_future_that_frees_what_others_allocated_begins_its_next_poll_below_zero() {
    let whole = used(0, 0, 1, 70, 0).then(used(1, 50, 0, 0, 50));
    assert_eq!(whole, used(1, 50, 1, 70, 0));
}

#[test]
fn a_poll_that_panics_leaves_the_peak_of_the_call_around_it() {
    local::with(|local| {
        let outer = call(&local.memory, || {
            local.memory.allocate(100);
            local.memory.free(100);
            let poll = || {
                let _part = Part::begin();
                local.memory.allocate(3);
                std::panic::resume_unwind(Box::new(()));
            };
            assert!(catch_unwind(AssertUnwindSafe(poll)).is_err());
        });
        assert_eq!(outer, used(2, 103, 1, 100, 100));
    });
}

#[test]
fn what_the_runtime_does_itself_is_nobodys() {
    local::with(|local| {
        let outer = call(&local.memory, || {
            local.memory.allocate(10);
            cold::paused(local, || {
                local.memory.allocate(1_000_000);
                call(&local.memory, || local.memory.free(999));
            });
            local.memory.free(4);
        });
        assert_eq!(outer, used(1, 10, 1, 4, 10));
    });
}

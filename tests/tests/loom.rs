//! The steps of the map's protocol in every interleaving that the memory model allows. `loom` runs the runtime's own file,
//! compiled against atomics that it can hold back and reorder; the maps around them are small models.
//!
//! What one thread writes into memory and another reads is [`Plain`], which fails where nothing puts the two in order.

use darwin_runtime::layout;
use darwin_tests::soak::{show, size};
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread;

use layout::block_state;
use sync::Ordering::{Acquire, Relaxed};
use sync::{AtomicBool, AtomicU32, AtomicU64};

/// What the runtime's file takes its atomics from.
mod sync {
    pub use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
    pub use loom::thread::yield_now;
}

#[path = "../../darwin-runtime/src/on/steps.rs"]
mod steps;

/// Tries all interleavings, or those with so many preemptions at most, where most defects show (Musuvathi and Qadeer,
/// "Iterative context bounding", 2007).
fn in_every_order(name: &str, preemptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 100_000;
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counter = runs.clone();
    builder.check(move || {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        model();
    });
    show(&format!("{name}: {} interleavings", runs.load(std::sync::atomic::Ordering::Relaxed)));
}

/// Runs `work` in so many threads besides this one, and in this one; what each gave.
fn side_by_side<T: 'static>(threads: usize, work: impl Fn(usize) -> T + Clone + 'static) -> Vec<T> {
    let spawn = |number| {
        let work = work.clone();
        thread::spawn(move || work(number))
    };
    let others: Vec<_> = (1..threads).map(spawn).collect();
    let own = work(0);
    std::iter::once(own).chain(others.into_iter().map(|other| other.join().expect("it ends well"))).collect()
}

/// For three threads that wait for one another: each round of waiting is an interleaving of its own.
const FEW: Option<usize> = Some(1);

/// Memory like any other: loom fails the test where two threads reach it at once, or none waited for the other.
struct Plain<T>(loom::cell::UnsafeCell<T>);

#[allow(unsafe_code, reason = "loom hands out pointers, and watches who uses them")]
impl<T: Copy> Plain<T> {
    fn new(value: T) -> Plain<T> {
        Plain(loom::cell::UnsafeCell::new(value))
    }

    fn get(&self) -> T {
        // SAFETY: a pointer to our own field; loom fails the test while another thread writes there.
        self.0.with(|value| unsafe { *value })
    }

    fn set(&self, value: T) {
        // SAFETY: the same while another thread reads or writes there.
        self.0.with_mut(|place| unsafe { *place = value });
    }
}

/// A thread's block: a counter of its only slot, what else its owner keeps there, and what only its owner may touch.
struct Block {
    next_at: AtomicU64,
    state: AtomicU32,
    calls: AtomicU64,
    /// Where the log goes on, say: a plain field.
    owned: Plain<u64>,
}

impl Block {
    fn new(state: u32) -> Block {
        let [next_at, calls] = [0, 0].map(AtomicU64::new);
        Block { next_at, state: AtomicU32::new(state), calls, owned: Plain::new(0) }
    }

    /// As a slot is counted into: by one thread, without a read-modify-write.
    fn count(&self) {
        self.calls.store(self.calls.load(Relaxed) + 1, Relaxed);
        self.owned.set(self.owned.get() + 1);
    }
}

/// A map with room for as many blocks as there are threads, and one that an ended thread has left.
struct Blocks {
    first: AtomicU64,
    /// By offset; offset zero is none.
    blocks: Vec<Block>,
}

impl Blocks {
    fn new(threads: usize) -> Blocks {
        let block = |number| Block::new(if number == 0 { block_state::FREE } else { block_state::CLAIMED });
        Blocks { first: AtomicU64::new(1), blocks: (0..=threads).map(block).collect() }
    }

    fn at(&self, offset: u64) -> Option<&Block> {
        self.blocks.get(usize::try_from(offset).expect("a small number").checked_sub(1)?)
    }

    fn list(&self) -> impl Iterator<Item = &Block> {
        let first = self.at(self.first.load(Acquire));
        std::iter::successors(first, |block| self.at(block.next_at.load(Relaxed)))
    }

    /// As a thread does at its first measured call.
    fn claimed(&self, thread: usize) -> &Block {
        if let Some(left) = self.list().find(|block| steps::claim(&block.state)) {
            return left;
        }
        let offset = thread as u64 + 2;
        let made = self.at(offset).expect("one for each thread");
        steps::push(&self.first, &made.next_at, offset);
        made
    }
}

#[test]
fn a_block_has_one_owner_at_a_time_and_no_count_is_lost() {
    let threads = size(2, 3);
    in_every_order("claim and retire", size(None, Some(3)), move || {
        let map = Arc::new(Blocks::new(threads));
        let shared = map.clone();
        side_by_side(threads, move |thread| {
            let block = shared.claimed(thread);
            block.count();
            steps::retire(&block.state);
        });
        let sum: u64 = map.list().map(|block| block.calls.load(Relaxed)).sum();
        assert_eq!(sum, threads as u64);
        let owned: u64 = map.list().map(|block| block.owned.get()).sum();
        assert_eq!(owned, sum);
    });
}

#[test]
fn a_thread_that_comes_after_another_goes_on_in_its_block() {
    in_every_order("claim what another left", None, || {
        let map = Arc::new(Blocks::new(2));
        let shared = map.clone();
        let first = thread::spawn(move || {
            let block = shared.claimed(0);
            block.count();
            steps::retire(&block.state);
        });
        first.join().expect("it ends well");
        map.claimed(1).count();
        assert_eq!(map.list().map(|block| block.calls.load(Relaxed)).collect::<Vec<_>>(), [2]);
    });
}

#[test]
fn a_reader_finds_complete_blocks_and_never_more_calls_than_were_made() {
    in_every_order("push and read", size(Some(2), None), || {
        let map = Arc::new(Blocks::new(2));
        let shared = map.clone();
        let writer = move |thread| {
            let block = shared.at(thread as u64 + 2).expect("one for each thread");
            // What is in it before anybody can know of it.
            block.count();
            steps::push(&shared.first, &block.next_at, thread as u64 + 2);
            block.calls.store(block.calls.load(Relaxed) + 1, Relaxed);
        };
        // Spawned last: loom lets this thread go first, and looks for other orders of two accesses only behind the last one.
        let other = writer.clone();
        let other = thread::spawn(move || other(1));
        let read = map.clone();
        let reader = thread::spawn(move || {
            for block in read.list().filter(|block| block.state.load(Relaxed) == block_state::CLAIMED) {
                assert_eq!(block.owned.get(), 1);
            }
            read.list().map(|block| block.calls.load(Relaxed)).collect::<Vec<_>>()
        });
        writer(0);
        let live = reader.join().expect("it ends well");
        other.join().expect("it ends well");
        assert!(live.iter().all(|calls| *calls <= 2), "{live:?}");
        assert_eq!(map.list().map(|block| block.calls.load(Relaxed)).sum::<u64>(), 4);
        assert_eq!(map.list().count(), 3, "the list loses nothing");
    });
}

#[test]
fn a_slot_or_chunk_that_can_be_found_is_complete() {
    in_every_order("publish", None, || {
        let map = Arc::new((AtomicU32::new(0), Plain::new(0)));
        let shared = map.clone();
        let writer = thread::spawn(move || {
            let (cells, chunk) = &*shared;
            chunk.set(7);
            steps::publish(cells, 1);
        });
        let (cells, chunk) = &*map;
        if cells.load(Acquire) != 0 {
            assert_eq!(chunk.get(), 7);
        }
        writer.join().expect("it ends well");
    });
}

/// A map that grows by a step of two units; whether a unit has memory is a plain field.
struct Growing {
    used: AtomicU64,
    backed: AtomicU64,
    growing: AtomicBool,
    memory: Vec<Plain<bool>>,
    /// So much can be backed.
    limit: u64,
    /// Nothing more after a failure.
    is_over: Plain<bool>,
}

const STEP: u64 = 2;

impl Growing {
    fn new(units: u64, limit: u64) -> Growing {
        Growing {
            used: AtomicU64::new(0),
            backed: AtomicU64::new(0),
            growing: AtomicBool::new(false),
            memory: (0..units).map(|_| Plain::new(false)).collect(),
            limit,
            is_over: Plain::new(false),
        }
    }

    /// The first unit of `units`, as the runtime's `allocate` does it.
    fn allocate(&self, units: u64) -> Option<u64> {
        let (at, end) = steps::reserve(&self.used, units)?;
        steps::cover(&self.backed, &self.growing, end, || self.grow(end)).then_some(at)
    }

    fn grow(&self, end: u64) -> bool {
        let from = self.backed.load(Relaxed);
        let to = end.next_multiple_of(STEP);
        self.is_over.set(self.is_over.get() || to > self.limit);
        if self.is_over.get() {
            return false;
        }
        for unit in &self.memory[from as usize..to as usize] {
            unit.set(true);
        }
        self.backed.store(to, sync::Ordering::Release);
        true
    }

    fn has_memory(&self, unit: u64) -> bool {
        self.memory[unit as usize].get()
    }
}

#[test]
fn every_allocation_has_memory_of_its_own_while_the_map_grows() {
    let threads = size(2, 3);
    in_every_order("reserve and grow", size(None, FEW), move || {
        let map = Arc::new(Growing::new(8, 8));
        let shared = map.clone();
        let mut got = side_by_side(threads, move |_| {
            // Two of them fit into one step.
            let at = shared.allocate(1).expect("there is room");
            assert!(shared.has_memory(at));
            at
        });
        got.sort_unstable();
        assert_eq!(got, [0, 1, 2][..threads]);
    });
}

#[test]
fn a_map_that_cannot_grow_gives_memory_or_nothing() {
    in_every_order("a full disk", size(None, FEW), || {
        let map = Arc::new(Growing::new(8, 4));
        let shared = map.clone();
        let got = side_by_side(size(2, 3), move |_| {
            let at = shared.allocate(2);
            at.inspect(|at| assert!(shared.has_memory(*at) && shared.has_memory(at + 1)));
            at
        });
        assert!(got.iter().flatten().count() <= 2, "{got:?}");
        assert!(!map.growing.load(Relaxed), "nobody keeps the lock");
    });
}

/// The map of a process, and a site that its threads call for the first time.
struct Process {
    making: AtomicBool,
    made: AtomicU64,
    magic: AtomicU64,
    header: Plain<u64>,
    registering: AtomicBool,
    site: AtomicU32,
    count: Plain<u32>,
}

impl Process {
    fn new() -> Process {
        let [made, magic] = [0, 0].map(AtomicU64::new);
        let [making, registering] = [false, false].map(AtomicBool::new);
        let (header, count) = (Plain::new(0), Plain::new(0));
        Process { making, made, magic, header, registering, site: AtomicU32::new(0), count }
    }

    fn make_map(&self) {
        self.made.fetch_add(1, Relaxed);
        self.header.set(7);
        steps::seal(&self.magic);
    }

    /// As at the first measured call of a thread.
    fn first_call(&self) -> u32 {
        steps::make_once(
            &self.making,
            || !steps::is_sealed(&self.magic),
            || {
                if self.made.load(Relaxed) == 0 {
                    self.make_map();
                }
            },
        );
        assert_eq!(self.header.get(), 7);
        if self.site.load(Relaxed) == 0 {
            steps::lock(&self.registering);
            if self.site.load(Relaxed) == 0 {
                self.count.set(self.count.get() + 1);
                self.site.store(self.count.get(), Relaxed);
            }
            steps::unlock(&self.registering);
        }
        self.site.load(Relaxed)
    }
}

#[test]
fn the_map_is_made_once_and_a_site_gets_one_id() {
    in_every_order("first calls", size(None, FEW), || {
        let process = Arc::new(Process::new());
        let shared = process.clone();
        let ids = side_by_side(size(2, 3), move |_| shared.first_call());
        assert!(ids.iter().all(|id| *id == 1), "{ids:?}");
        assert_eq!(process.made.load(Relaxed), 1);
    });
}

#[test]
fn a_reader_that_finds_the_magic_number_finds_a_complete_map() {
    in_every_order("seal", None, || {
        let process = Arc::new(Process::new());
        let shared = process.clone();
        let maker = thread::spawn(move || shared.make_map());
        if steps::is_sealed(&process.magic) {
            assert_eq!(process.header.get(), 7);
        }
        maker.join().expect("it ends well");
    });
}

//! What a `#[bench]` function is handed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::report::Samples;
use super::work::Order;
use crate::clock;
use crate::site::Site;

/// Iterates the code of a `#[bench]`, once per sample.
///
/// ```no_run
/// use darwin_runtime::Bencher;
///
/// #[darwin_runtime::bench]
/// fn sort(b: &mut Bencher) {
///     let data: Vec<u32> = (0..1000).rev().collect();
///     b.items(1000).iter_batched(|| data.clone(), |mut data| data.sort_unstable());
/// }
/// darwin_runtime::main!();
/// ```
#[derive(Debug)]
pub struct Bencher {
    #[cfg_attr(
        not(feature = "enabled"),
        allow(dead_code, reason = "names the samples in the map, which is off")
    )]
    site: &'static Site,
    order: Order,
    items: u64,
    bytes: u64,
    samples: Samples,
}

/// Iterations before the first sample, under `cargo bench`.
const WARM_UP: Duration = Duration::from_millis(200);
/// Time of the samples, under `cargo bench`.
const MEASURED: Duration = Duration::from_millis(1000);

impl Bencher {
    pub(super) fn new(site: &'static Site, order: Order) -> Bencher {
        Bencher { site, order, items: 0, bytes: 0, samples: Samples::default() }
    }

    /// Says that one iteration handles `items` things, from which throughput is reckoned.
    pub fn items(&mut self, items: u64) -> &mut Bencher {
        self.items = items;
        self
    }

    /// Says that one iteration handles `bytes` bytes, from which throughput is reckoned.
    pub fn bytes(&mut self, bytes: u64) -> &mut Bencher {
        self.bytes = bytes;
        self
    }

    /// Measures `routine`; what it returns is dropped outside the measurement.
    pub fn iter<T>(&mut self, mut routine: impl FnMut() -> T) {
        self.iter_batched(|| (), |()| routine());
    }

    /// Measures `routine` on a fresh input each time; neither making the input nor dropping the output is measured.
    pub fn iter_batched<I, T>(&mut self, mut setup: impl FnMut() -> I, mut routine: impl FnMut(I) -> T) {
        match self.order {
            Order::Once => drop(black_box(routine(setup()))),
            Order::Alone => self.iterate_alone(&mut setup, &mut routine),
            #[cfg(feature = "enabled")]
            Order::Measured(order) => self.iterate_measured(order, &mut setup, &mut routine),
        }
    }

    fn iterate_alone<I, T>(&mut self, setup: &mut impl FnMut() -> I, routine: &mut impl FnMut(I) -> T) {
        clock::choose();
        self.samples = Samples::begin(self.items, self.bytes);
        let begin = Instant::now();
        while begin.elapsed() < WARM_UP {
            drop(black_box(routine(black_box(setup()))));
        }
        let begin = Instant::now();
        while begin.elapsed() < MEASURED && self.samples.have_room() {
            let input = black_box(setup());
            let start = clock::start();
            let output = black_box(routine(input));
            self.samples.push(clock::end().0.saturating_sub(start.0));
            drop(output);
        }
        self.samples.finish(begin.elapsed());
    }

    pub(super) fn into_samples(self) -> Samples {
        self.samples
    }
}

#[cfg(feature = "enabled")]
mod measured {
    use super::super::work;
    use super::{Bencher, Instant, black_box};
    use crate::__private::Guard;
    use crate::on::session::{self, Order, Stint};
    use std::time::Duration;

    /// Part of the measured time that is spent before it, uncounted, to warm caches and the branch predictor.
    const WARM_UP_SHARE: u64 = 5;

    impl Bencher {
        pub(super) fn iterate_measured<I, T>(
            &mut self,
            order: Order,
            setup: &mut impl FnMut() -> I,
            routine: &mut impl FnMut(I) -> T,
        ) {
            let site = self.site;
            let mut once = || {
                let input = black_box(work::unmeasured(&mut *setup));
                let guard = Guard::enter(site);
                let output = black_box(routine(input));
                drop(guard);
                work::unmeasured(|| drop(output));
            };
            if let Order::Timed(nanos) = order {
                until(Duration::from_nanos(nanos / WARM_UP_SHARE), &mut once);
            }
            session::counting(site, (self.items, self.bytes), || match order {
                Order::Timed(nanos) => drop(until(Duration::from_nanos(nanos), &mut once)),
                Order::Fixed(iterations) => (0..iterations).for_each(|_| once()),
                Order::Turns(turns) => turns.make(|stint| match stint {
                    Stint::For(time) => until(time, &mut once),
                    Stint::Entries(entries) => (0..entries).map(|_| once()).count() as u64,
                }),
            });
        }
    }

    /// Iterates for `time`, at least once, and says how often.
    fn until(time: Duration, once: &mut impl FnMut()) -> u64 {
        let begin = Instant::now();
        let mut made = 0;
        loop {
            once();
            made += 1;
            if begin.elapsed() >= time {
                return made;
            }
        }
    }
}

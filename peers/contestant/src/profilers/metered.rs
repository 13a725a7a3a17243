//! metered: its `ResponseTime` as it comes, with a lock and in milliseconds. It tells no quantile below 90 %.

use std::sync::LazyLock;

use contestant::{BODIES, Recorded};
use metered::{ResponseTime, metered};

use super::Profiler;
use crate::body::{Bodies, work};

/// metered measures methods only, and keeps their figures beside them.
#[derive(Default)]
struct Measured {
    metrics: Metrics,
}

static MEASURED: LazyLock<Measured> = LazyLock::new(Measured::default);

macro_rules! methods {
    ($($name:ident $number:literal)*) => {
        #[metered(registry = Metrics)]
        impl Measured {
            $(
                #[measure([ResponseTime])]
                fn $name(&self, x: u64) -> u64 {
                    work::<{ BODIES[$number].laps }>(x)
                }
            )*
        }

        /// By number in [`BODIES`].
        pub const ALL: Bodies = [$(|x| MEASURED.$name(x)),*];

        fn all_recorded() -> Vec<Recorded> {
            vec![$(of($number, &MEASURED.metrics.$name.response_time)),*]
        }
    };
}

methods! {
    short 0 middle 1 long 2 known_5_ns 3 known_20_ns 4
    known_80_ns 5 known_330_ns 6 known_1300_ns 7 known_100_us 8 known_10_ms 9
}

fn of(body: usize, time: &ResponseTime) -> Recorded {
    Recorded { body: Some(body), calls: time.histogram().len(), p50_ns: None }
}

struct Registry;

impl Profiler for Registry {
    fn recorded(self: Box<Self>) -> Option<Vec<Recorded>> {
        Some(all_recorded().into_iter().filter(|recorded| recorded.calls > 0).collect())
    }
}

/// Nothing has to be started.
pub fn start() -> Box<dyn Profiler> {
    Box::new(Registry)
}

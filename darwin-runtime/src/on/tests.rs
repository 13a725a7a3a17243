//! What no program can be brought to do in the time of a test: very long calls, and very many.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::Ordering::Relaxed;

use super::local;
use super::{cold, map, place, thread};
use crate::bucket;
use crate::site::{Kind, Place, Site};

static PLACE: Place = Place { file: file!(), line: line!(), column: 1 };
static SITE: Site = Site::new(Kind::Function, Some("test"), || "", &[], &PLACE);

#[test]
fn long_calls_and_full_counters_are_counted_exactly() {
    let path = std::env::temp_dir().join(format!("darwin-runtime-test-{}.map", std::process::id()));
    let name = CString::new(path.as_os_str().as_bytes()).expect("no zero in a path");
    map::create(&name).expect("a map can be made");
    std::fs::remove_file(&path).expect("the map is a file");
    local::with(|local| {
        let slot = thread::slot(local, &SITE).expect("there is room");
        for ticks in [1 << 33, (1 << 33) + 1, 1 << 40, u64::MAX >> 2, 7] {
            cold::complete(local, slot, &SITE, ticks);
        }
        assert_eq!((slot.calls.load(Relaxed), slot.max.load(Relaxed)), (5, u64::MAX >> 2));
        let count = |table, ticks| {
            #[allow(unsafe_code, reason = "looks into the map")]
            // SAFETY: `slot` lies in the map, and both callers pass one of its tables.
            unsafe { place::counter(slot, table, bucket::of(ticks)) }.map_or(0, |count| count.load(Relaxed))
        };
        assert_eq!(count(&slot.chunks_cells, 1 << 33), 2, "neighbours share a counter");
        assert_eq!(count(&slot.chunks_cells, 1 << 40), 1);
        assert_eq!(count(&slot.carries_cells, 7), 0);

        #[allow(unsafe_code, reason = "looks into the map")]
        // SAFETY: `slot` lies in the map.
        let counter = unsafe { place::counter(slot, &slot.chunks_cells, bucket::of(7)) };
        counter.expect("it was counted above").store(u32::MAX, Relaxed);
        cold::complete(local, slot, &SITE, 7);
        assert_eq!((count(&slot.chunks_cells, 7), count(&slot.carries_cells, 7)), (0, 1), "2^32 calls");
        thread::release(local);
    });
}

use darwin_runtime::hotpath;

use std::panic::Location;

#[hotpath]
#[track_caller]
fn caller() -> u32 {
    Location::caller().line()
}

fn main() {
    assert_eq!(caller(), line!());
}

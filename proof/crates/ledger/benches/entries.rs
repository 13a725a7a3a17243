//! One entry after another.

use darwin_runtime::Bencher;
use ledger::Ledger;

#[darwin_runtime::bench]
fn one_by_one(b: &mut Bencher) {
    let mut ledger = Ledger::open().expect("the folder for temporary files can be written");
    let mut entry = 1;
    b.iter(|| {
        entry = ledger.enter(entry).expect("there is room for a few entries");
        entry
    });
}

darwin_runtime::main!();

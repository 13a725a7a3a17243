//! The two loads that the service is gated on, on a runtime of one thread, where the same happens each time.
//! `cargo darwin check -p kv-service` runs them, and so does `cargo bench -p kv-service`.

use darwin_runtime::Bencher;
use kv_service::{Limits, Load, Mix, Service};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

const SEED: u64 = 1;

/// Commands of each caller in an iteration.
const COMMANDS: u64 = 4;

/// Rounds before the first that is measured: by then most keys have a value.
const WARM_UP: u64 = 100;

/// Sessions in a shop.
#[darwin_runtime::bench]
fn read_mostly(b: &mut Bencher) {
    measure(b, Mix::READ_MOSTLY);
}

/// Counters and carts.
#[darwin_runtime::bench]
fn write_heavy(b: &mut Bencher) {
    measure(b, Mix::WRITE_HEAVY);
}

/// Round after round against a service in its steady state.
fn measure(b: &mut Bencher, mix: Mix) {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime of one thread");
    let mut load =
        runtime.block_on(async { Load::new(&Service::start(Limits::default()).client(), mix, SEED) });
    round(&runtime, &mut load, COMMANDS * WARM_UP);
    b.items(Load::commands(COMMANDS)).iter(|| round(&runtime, &mut load, COMMANDS));
}

fn round(runtime: &Runtime, load: &mut Load, commands: u64) {
    runtime.block_on(load.round(commands)).expect("the service replies to each command");
}

darwin_runtime::main!();

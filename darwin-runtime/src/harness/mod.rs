//! The bench harness: finds the `#[bench]` functions of a target and runs them as the caller asks: `cargo darwin`,
//! `cargo bench`, or, once per bench, `cargo test`.

mod args;
mod bencher;
mod registry;
mod report;
mod work;

pub use args::{LIST_FOR_DARWIN, LISTED};
pub use bencher::Bencher;
pub use registry::Bench;

use std::process::ExitCode;

use args::{Action, Args};
use work::Order;

/// Runs what the command line asks for. The target's `main`.
pub fn run() -> ExitCode {
    work::hold_back();
    let args = Args::parse(std::env::args().skip(1));
    let benches: Vec<&Bench> =
        registry::sorted().into_iter().filter(|bench| args.selects(&bench.name())).collect();
    match args.action {
        Action::List => print(&report::list(&benches)),
        Action::ListForDarwin => print(&report::list_for_darwin(&benches)),
        Action::Test => run_all(&benches, test),
        Action::Bench => run_all(&benches, measure),
    }
    ExitCode::SUCCESS
}

fn run_all(benches: &[&Bench], each: fn(&Bench) -> String) {
    for bench in benches {
        print(&each(bench));
    }
}

/// Runs the body once, to see that it works.
fn test(bench: &Bench) -> String {
    let mut bencher = Bencher::new(bench.site, Order::Once);
    bench.run(&mut bencher);
    format!("test {} ... ok\n", bench.name())
}

/// Measures, and says what came out unless `cargo darwin` reads it from the map.
fn measure(bench: &Bench) -> String {
    let order = work::order();
    let mut bencher = Bencher::new(bench.site, order);
    bench.run(&mut bencher);
    match order {
        Order::Alone => report::line(&bench.name(), bencher.into_samples()),
        _ => String::new(),
    }
}

#[allow(clippy::print_stdout, reason = "the harness is the program of its target, and this is its result")]
fn print(text: &str) {
    print!("{text}");
}

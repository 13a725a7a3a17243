use darwin_runtime::hotpath;

#[hotpath(
    name = "every argument",
    p50 = "100ns",
    p90 = "1.5us",
    p99 = "2µs",
    p999 = "3 ms",
    mean = "1us",
    max = "10s",
    allocs = 0,
    bytes = "1.5KiB",
    crate = ::darwin_runtime,
)]
fn f() {}

#[hotpath(allocs = 0.5, bytes = 1_024)]
fn numbers() {}

#[hotpath()]
fn none() {}

fn main() {
    f();
    numbers();
    none();
}

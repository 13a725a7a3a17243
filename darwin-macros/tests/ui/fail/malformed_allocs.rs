use darwin_runtime::hotpath;

#[hotpath(allocs = -1)]
fn negative() {}

#[hotpath(allocs = "0")]
fn a_string() {}

#[hotpath(allocs = 0u32)]
fn suffix() {}

#[hotpath(allocs)]
fn missing() {}

fn main() {}

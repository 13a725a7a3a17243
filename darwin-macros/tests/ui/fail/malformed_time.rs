use darwin_runtime::hotpath;

#[hotpath(p50 = "50")]
fn no_unit() {}

#[hotpath(p90 = "50 lightyears")]
fn unknown_unit() {}

#[hotpath(p99 = "fast")]
fn not_a_number() {}

#[hotpath(p999 = 50)]
fn not_a_string() {}

#[hotpath(mean = 50us)]
fn without_quotes() {}

#[hotpath(max = "0us")]
fn zero() {}

#[hotpath(max = "-1us")]
fn negative() {}

#[hotpath(p99)]
fn missing() {}

fn main() {}

use darwin_runtime::hotpath;

#[hotpath(bytes = "1024")]
fn no_unit() {}

#[hotpath(bytes = "1kib")]
fn unknown_unit() {}

#[hotpath(bytes = 1.5)]
fn float() {}

#[hotpath(bytes = -1)]
fn negative() {}

fn main() {}

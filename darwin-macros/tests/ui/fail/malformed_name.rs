use darwin_runtime::hotpath;

#[hotpath(name = "")]
fn empty() {}

#[hotpath(name = insert)]
fn not_a_string() {}

#[hotpath(name = " insert")]
fn spaces() {}

#[hotpath(name)]
fn missing() {}

fn main() {}

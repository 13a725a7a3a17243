use darwin_runtime::hotpath;

#[hotpath]
struct S;

#[hotpath]
pub enum E {}

#[hotpath]
const N: usize = 1;

#[hotpath]
type T = u8;

fn main() {}

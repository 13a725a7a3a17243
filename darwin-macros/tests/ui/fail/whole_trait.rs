use darwin_runtime::hotpath;

#[hotpath]
trait T {
    fn f(&self) {}
}

fn main() {}

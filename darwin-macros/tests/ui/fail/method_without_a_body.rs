use darwin_runtime::hotpath;

trait T {
    #[hotpath]
    fn f(&self);
}

fn main() {}

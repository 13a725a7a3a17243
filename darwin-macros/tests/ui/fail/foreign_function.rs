use darwin_runtime::hotpath;

unsafe extern "C" {
    #[hotpath]
    fn abs(x: i32) -> i32;
}

fn main() {}

use darwin_runtime::hotpath;

fn main() {
    #[hotpath]
    fn double(x: u32) -> u32 {
        #[hotpath]
        fn inner(x: u32) -> u32 {
            x
        }
        inner(x) * 2
    }
    assert_eq!(double(2), 4);
}

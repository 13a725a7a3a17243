use darwin_runtime::hotpath;

struct Counter(Vec<u32>);

impl Counter {
    #[hotpath]
    fn new() -> Self {
        Self(Vec::new())
    }

    #[hotpath]
    fn first(&self) -> &u32 {
        &self.0[0]
    }

    #[hotpath]
    fn push(&mut self, x: u32) -> &mut Self {
        self.0.push(x);
        self
    }

    #[hotpath]
    fn boxed(self: Box<Self>) -> usize {
        self.0.len()
    }

    #[hotpath]
    fn into_inner(mut self) -> Vec<u32> {
        self.0.push(3);
        self.0
    }
}

fn main() {
    let mut counter = Counter::new();
    assert_eq!(*counter.push(1).push(2).first(), 1);
    assert_eq!(Box::new(Counter::new()).boxed(), 0);
    assert_eq!(counter.into_inner(), [1, 2, 3]);
}

use darwin_runtime::hotpath;

struct Stack<T, const N: usize>([Option<T>; N]);

#[hotpath(p99 = "1ms")]
impl<T: Copy, const N: usize> Stack<T, { N }>
where
    [(); N]: Sized,
{
    const CAPACITY: usize = { N };

    const fn capacity(&self) -> usize {
        Self::CAPACITY
    }

    pub fn top(&self) -> Option<T> {
        self.0.last().copied().flatten()
    }

    #[hotpath(skip)]
    fn left_out(&self) -> usize {
        self.0.len()
    }

    #[hotpath(name = "Stack::push", allocs = 0)]
    fn push(&mut self, value: T) -> &mut Self {
        self.0[N - 1] = Some(value);
        self
    }

    #[darwin_runtime::hotpath]
    async fn wait(&self) {}

    #[inline]
    unsafe fn unchecked(&self) -> Option<T> {
        self.0[0]
    }
}

#[hotpath]
impl<T, const N: usize> Drop for Stack<T, N> {
    fn drop(&mut self) {}
}

fn main() {
    let mut stack = Stack::<u8, 2>([None; 2]);
    assert_eq!(stack.push(1).top(), Some(1));
    assert_eq!(stack.capacity(), stack.left_out());
    assert_eq!(unsafe { stack.unchecked() }, None);
    drop(stack.wait());
}

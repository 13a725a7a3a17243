use darwin_runtime::hotpath;

/// # Safety
/// The pointer has to be valid.
#[hotpath]
unsafe fn read(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

fn main() {
    assert_eq!(unsafe { read(&7) }, 7);
}

use darwin_runtime::hotpath;

#[hotpath]
#[unsafe(no_mangle)]
pub extern "C" fn darwin_ui_add(a: i32, b: i32) -> i32 {
    a + b
}

#[hotpath]
unsafe extern "C" fn read(pointer: *const i32) -> i32 {
    unsafe { *pointer }
}

fn main() {
    let add: extern "C" fn(i32, i32) -> i32 = darwin_ui_add;
    assert_eq!(add(1, 2), 3);
    assert_eq!(unsafe { read(&4) }, 4);
}

use darwin_runtime::hotpath;

#[hotpath]
fn inner() -> u32 {
    #![allow(unused_variables)]
    //! Documented inside.
    let x = 1;
    2
}

#[hotpath]
async fn inner_async() {
    #![allow(unused_variables)]
    let x = 1;
}

#[hotpath]
mod m {
    #![allow(dead_code)]
    //! Documented inside.

    fn unused() {}
}

fn main() {
    assert_eq!(inner(), 2);
    drop(inner_async());
}

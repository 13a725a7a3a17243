mod vendored {
    pub use darwin_runtime as runtime;
}

#[vendored::runtime::hotpath(crate = crate::vendored::runtime)]
fn f() -> u8 {
    1
}

#[vendored::runtime::hotpath(crate = crate::vendored::runtime)]
mod m {
    pub fn g() -> u8 {
        2
    }
}

fn main() {
    assert_eq!(f() + m::g(), 3);
}

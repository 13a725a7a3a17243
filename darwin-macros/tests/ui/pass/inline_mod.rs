use darwin_runtime::hotpath;

#[hotpath(max = "1s")]
pub mod outer {
    use std::{fmt, vec::Vec};

    pub const LIMIT: usize = if cfg!(test) { 4 } else { 3 };
    pub static NAMES: [&str; 2] = ["a", "b"];
    pub type Values = Vec<u8>;

    macro_rules! make {
        ($name:ident) => {
            pub fn $name() -> usize {
                1
            }
        };
    }

    make!(made);

    #[derive(Debug)]
    pub struct Tuple<const N: usize = { 3 }>(pub u8)
    where
        [(); N]: Sized;

    pub enum Choice {
        A { x: u8 },
    }

    pub union Bits {
        pub a: u8,
    }

    unsafe extern "C" {
        pub safe fn abs(x: i32) -> i32;
    }

    pub trait Named {
        fn name(&self) -> String;

        fn twice(&self) -> String {
            self.name() + &self.name()
        }
    }

    impl Named for Tuple {
        fn name(&self) -> String {
            format!("{self}")
        }
    }

    impl fmt::Display for Tuple {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)
        }
    }

    pub mod inner {
        pub fn nested() -> usize {
            super::LIMIT
        }

        #[hotpath(skip)]
        pub mod skipped {
            pub fn left_out() {}

            #[hotpath]
            pub fn asked_for() {}
        }
    }

    #[hotpath(skip)]
    pub struct Marked;

    pub const fn constant() -> usize {
        LIMIT
    }

    pub fn last(values: Values) -> usize {
        values.len()
    }
}

fn main() {
    use outer::Named as _;
    assert_eq!(outer::Tuple::<3>(4).twice(), "44");
    assert_eq!(outer::abs(-1), 1);
    assert_eq!(outer::made() + outer::constant() + outer::inner::nested(), 7);
    assert_eq!(outer::last(outer::Values::new()), outer::NAMES.len() - 2);
    outer::inner::skipped::left_out();
    outer::inner::skipped::asked_for();
    let outer::Choice::A { x } = outer::Choice::A { x: 1 };
    assert_eq!(unsafe { outer::Bits { a: x }.a }, 1);
    let _ = outer::Marked;
}

//! Nothing around the call, and two reads of the clock around it.

/// Nothing at all: what is taken off everything else.
pub mod call {
    crate::body::bodies!([] {});
}

/// Both reads unordered, as every peer has them.
pub mod unordered {
    use super::super::clock::Unordered;
    crate::body::bodies!([] {
        let _reads = Unordered::begin();
    });
}

/// The second read waits for the body: the floor of what a true measurement can cost.
pub mod ordered {
    use super::super::clock::Ordered;
    crate::body::bodies!([] {
        let _reads = Ordered::begin();
    });
}

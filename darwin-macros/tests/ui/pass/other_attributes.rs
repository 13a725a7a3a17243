use darwin_runtime::hotpath;

/// A doc comment.
/** And another. */
#[doc = concat!("one ", "more")]
#[must_use]
#[inline(always)]
#[allow(clippy::identity_op, reason = "to have an attribute")]
#[hotpath]
#[cold]
#[cfg(all())]
#[cfg_attr(all(), deprecated)]
fn documented(#[allow(unused)] x: u32, #[cfg(any())] missing: Missing) -> u32 {
    1
}

#[hotpath]
#[cfg(any())]
fn not_there() -> Missing {}

#[hotpath]
async fn conditional(#[cfg(any())] missing: Missing, #[cfg(all())] x: u32) -> u32 {
    x
}

#[allow(deprecated)]
fn main() {
    assert_eq!(documented(0), 1);
    drop(conditional(1));
}

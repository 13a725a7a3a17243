//! The attributes of `darwin-runtime`: [`macro@hotpath`] and [`macro@bench`].
//!
//! Depend on `darwin-runtime`, which re-exports both; this crate stands apart only because the compiler wants
//! attributes in a crate of their own. The way of an attribute is `parse` and `args` (what was typed),
//! `validate` (what it means, or what is wrong with it), `model` (the meaning), `expand` (the code).

mod args;
mod expand;
mod model;
mod parse;
mod quantity;
mod validate;

use proc_macro::TokenStream;

/// The one switch between measuring and giving the item back as it came. `darwin-runtime/enabled` sets it.
const ENABLED: bool = cfg!(feature = "enabled");

/// Measures a function, or every function of an `impl` block or an inline `mod`.
///
/// ```ignore
/// // The documentation of darwin-runtime runs this: here, cargo may build macros and runtime with unlike features.
/// use darwin_runtime::hotpath;
///
/// #[hotpath(p99 = "50us", allocs = 0)]
/// fn checksum(bytes: &[u8]) -> u32 {
///     bytes.iter().fold(0, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
/// }
/// # assert_eq!(checksum(&[1]), 1);
/// ```
///
/// | argument | value | meaning |
/// |---|---|---|
/// | `name` | `"…"` | the name in reports, instead of the path of the function |
/// | `p50`, `p90`, `p99`, `p999`, `mean`, `max` | `"50us"`: ns, us, µs, ms, s | latency budget of one call |
/// | `allocs` | a number, such as `0` or `1.5` | budget of allocations per call, on average |
/// | `bytes` | a number or `"1KiB"`: B, KB, KiB, MB, MiB, GiB | budget of allocated bytes per call, on average |
/// | `crate` | a path | where `darwin-runtime` is found, if not at `::darwin_runtime` |
/// | `skip` | alone | inside a measured `impl` or `mod`: leave this item out |
///
/// On an `impl` block or a `mod`, budgets hold for every function inside; a function with a `#[hotpath(…)]` of
/// its own is measured once, and what it says goes before what the block says. The attribute has to be written
/// under its own name there (`#[hotpath]` or `#[darwin_runtime::hotpath]`) to be recognised.
///
/// An `async fn` is measured from the first poll to the end, and poll by poll; so is a function that ends in
/// `Box::pin(async move { … })`, or one that returns `impl Future` and ends in an `async` block.
///
/// Unless `cargo darwin` builds the program, the item is given back token for token.
///
/// # Errors
///
/// Does not compile, measured or not: on anything without a body that runs (a `const fn`, a method without a
/// body, a struct), and on arguments that are unknown, given twice or malformed.
#[proc_macro_attribute]
pub fn hotpath(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::hotpath(args.into(), item.into(), ENABLED).into()
}

/// Makes a function a benchmark that `cargo darwin`, `cargo bench` and `cargo test` can run.
///
/// ```
/// #[darwin_runtime::bench]
/// fn sort(b: &mut darwin_runtime::Bencher) {
///     let data = [3, 1, 2];
///     b.items(3).iter_batched(|| data, |mut data| data.sort());
/// }
///
/// darwin_runtime::main!();
/// ```
///
/// Takes `name`, the budgets and `crate` of [`macro@hotpath`]; the budgets are those of one iteration.
///
/// # Errors
///
/// Does not compile unless the function takes one argument, returns nothing, and is neither `async`, `const`,
/// `unsafe`, `extern` nor generic.
#[proc_macro_attribute]
pub fn bench(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::bench(args.into(), item.into()).into()
}

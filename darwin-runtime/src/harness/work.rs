//! How long a bench iterates, and who says so: `cargo darwin` through the control page, else the harness itself.

/// What is asked of a bench.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    /// One iteration: `cargo test`.
    Once,
    /// `cargo bench`: a fixed time, and the samples stay here.
    Alone,
    /// `cargo darwin`: the samples go to the map.
    #[cfg(feature = "enabled")]
    Measured(crate::on::session::Order),
}

#[cfg(feature = "enabled")]
pub(super) fn order() -> Order {
    crate::on::session::order().map_or(Order::Alone, Order::Measured)
}

#[cfg(not(feature = "enabled"))]
pub(super) fn order() -> Order {
    Order::Alone
}

/// Measured calls of a bench's set-up do not count.
#[cfg(feature = "enabled")]
pub(super) fn hold_back() {
    crate::on::session::idle();
}

#[cfg(not(feature = "enabled"))]
pub(super) fn hold_back() {}

/// Runs `f` with measured calls ignored.
#[cfg(feature = "enabled")]
pub(super) fn unmeasured<T>(f: impl FnOnce() -> T) -> T {
    crate::on::session::masked(f)
}

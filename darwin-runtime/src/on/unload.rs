//! Whether a library is being unloaded, or the whole process ends: the platform calls the same destructor for both, but at
//! the end of the process other threads may still count, and nothing may be taken from under them.

pub(super) use platform::{is_all, watch};

#[cfg(target_os = "linux")]
mod platform {
    use std::sync::atomic::Ordering::{Acquire, Release};

    use crate::layout::Address;
    use crate::on::libc::Semaphore;

    /// Posted when the process ends; none where that could not be arranged.
    static ENDS: Address<Semaphore> = Address::none();

    /// Has the end of the process noted, which comes before any library's destructor.
    pub(in crate::on) fn watch() {
        ENDS.store(Semaphore::posted_at_the_end(), Release);
    }

    /// Is it the library alone that goes? Asked in the destructor.
    pub(in crate::on) fn is_all() -> bool {
        ENDS.load(Acquire).is_some_and(|semaphore| !semaphore.is_posted())
    }
}

/// Elsewhere libraries with thread-local variables stay loaded.
#[cfg(not(target_os = "linux"))]
mod platform {
    pub(in crate::on) fn watch() {}

    pub(in crate::on) fn is_all() -> bool {
        false
    }
}

//! Where the platform calls us: before `main`, at the end, and in a forked child.
#![allow(unsafe_code, reason = "link sections and pthread_atfork have no safe form")]

use super::{start, unload};

#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[used]
static CONSTRUCTOR: extern "C" fn() = before_main;

#[cfg_attr(target_os = "linux", unsafe(link_section = ".fini_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_term_func"))]
#[used]
static DESTRUCTOR: extern "C" fn() = start::at_end;

extern "C" fn before_main() {
    start::look_at_the_environment();
    if start::is_measured() {
        // SAFETY: registers a handler that touches atomics and thread-local cells only; it may fail for want of
        // memory, and then a forked child counts into its parent's map until it calls exec.
        unsafe { pthread_atfork(None, None, Some(start::after_fork_in_child)) };
        unload::watch();
    }
}

unsafe extern "C" {
    fn pthread_atfork(
        prepare: Option<extern "C" fn()>,
        parent: Option<extern "C" fn()>,
        child: Option<extern "C" fn()>,
    ) -> i32;
}

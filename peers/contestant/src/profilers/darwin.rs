//! Darwin: off, or on and started by the driver, which reads the map. The mode stands in the control page.

#[cfg(feature = "alloc")]
#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

crate::body::bodies!([#[darwin_runtime::hotpath]] {});

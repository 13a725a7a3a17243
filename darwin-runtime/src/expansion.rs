//! What the attributes expand to. They name these macros and nothing else; the macros name everything through `$crate`,
//! so that a renamed dependency works. One switch: each macro has an on and an off form.

/// A static site at the place of the call, registered through `inventory`. Its off form is in `off`.
#[cfg(feature = "enabled")]
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_site {
    ($kind:ident, $name:expr, [$(($metric:ident, $limit:expr)),* $(,)?], $line:expr, $column:expr $(,)?) => {{
        fn __d() {}
        static PLACE: $crate::__private::Place =
            $crate::__private::Place { file: ::core::file!(), line: $line, column: $column };
        static SITE: $crate::__private::Site = $crate::__private::Site::new(
            $crate::__private::Kind::$kind,
            $name,
            || $crate::__private::path_of(__d),
            &[$(($crate::__private::Metric::$metric, $limit)),*],
            &PLACE,
        );
        $crate::__private::submit!(SITE);
        &SITE
    }};
}

/// Begins a call of a site that stands here. Its off form is in `off`.
#[cfg(feature = "enabled")]
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_enter {
    ($($site:tt)*) => { $crate::__private::Guard::enter($crate::__private::site!($($site)*)) };
}

/// Submits a static site.
#[cfg(feature = "enabled")]
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_submit {
    ($site:ident) => {
        $crate::__private::inventory::submit! { $crate::__private::Submitted(&$site) }
    };
}

/// Measures from here to the end of the enclosing block, under the name of the surrounding function followed by
/// `::` and the given name.
///
/// ```
/// fn parse(line: &str) -> usize {
///     let fields = line.split(',');
///     darwin_runtime::scope!("count");
///     fields.count()
/// }
/// # assert_eq!(parse("a,b"), 2);
/// ```
#[cfg(feature = "enabled")]
#[macro_export]
macro_rules! scope {
    ($name:literal) => {
        let _darwin_scope = $crate::__private::enter!(
            Scope,
            ::core::option::Option::Some($name),
            [],
            ::core::line!(),
            ::core::column!()
        );
    };
}

/// Measures from here to the end of the enclosing block. Off: nothing but a check that the name is a literal.
///
/// ```
/// fn parse(line: &str) -> usize {
///     let fields = line.split(',');
///     darwin_runtime::scope!("count");
///     fields.count()
/// }
/// # assert_eq!(parse("a,b"), 2);
/// ```
#[cfg(not(feature = "enabled"))]
#[macro_export]
macro_rules! scope {
    ($name:literal) => {
        const _: &str = $name;
    };
}

/// Registers a `#[bench]` function with the harness, measurement on or off.
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_register_bench {
    ($function:ident, $name:expr, [$(($metric:ident, $limit:expr)),* $(,)?], $line:expr, $column:expr $(,)?) => {
        static PLACE: $crate::__private::Place =
            $crate::__private::Place { file: ::core::file!(), line: $line, column: $column };
        static SITE: $crate::__private::Site = $crate::__private::Site::new(
            $crate::__private::Kind::Bench,
            $name,
            || $crate::__private::path_of($function),
            &[$(($crate::__private::Metric::$metric, $limit)),*],
            &PLACE,
        );
        static BENCH: $crate::__private::Bench = $crate::__private::Bench::new(&SITE, $function);
        $crate::__private::on_start!(BENCH);
    };
}

/// Runs `BENCH.register()` before `main`.
#[doc(hidden)]
#[macro_export]
macro_rules! __darwin_on_start {
    ($bench:ident) => {
        extern "C" fn register() {
            $bench.register();
        }
        #[cfg_attr(
            any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "netbsd"),
            unsafe(link_section = ".init_array")
        )]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
        #[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
        #[used]
        static REGISTER: extern "C" fn() = register;
    };
}

/// The `main` of a bench target with `harness = false`: runs the target's `#[bench]` functions.
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::__private::run_benches()
        }
    };
}

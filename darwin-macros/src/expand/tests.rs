//! The code that is written, token by token. Whether it compiles is shown by tests/ui.

use proc_macro2::TokenStream;
use quote::quote;

use super::{bench, hotpath};

fn on(args: TokenStream, item: TokenStream) -> String {
    hotpath(args, item, true).to_string()
}

fn off(args: TokenStream, item: TokenStream) -> String {
    hotpath(args, item, false).to_string()
}

fn unnamed() -> TokenStream {
    quote!(::core::option::Option::None, [], 0u32, 0u32)
}

#[test]
fn a_function_gets_a_guard_before_its_body() {
    let site = unnamed();
    let expected = quote! {
        /// Doc.
        #[inline]
        pub(crate) fn f<'a, T: Copy>(mut x: &'a T) -> Option<T> where T: Send {
            let __darwin_guard = ::darwin_runtime::__private::enter!(Function, #site);
            x = x;
            Some(*x)
        }
    };
    let item = quote! {
        /// Doc.
        #[inline]
        pub(crate) fn f<'a, T: Copy>(mut x: &'a T) -> Option<T> where T: Send { x = x; Some(*x) }
    };
    assert_eq!(on(quote!(), item), expected.to_string());
}

#[test]
fn inner_attributes_stay_first() {
    let site = unnamed();
    let expected = quote! {
        fn f() {
            #![allow(dead_code)]
            let __darwin_guard = ::darwin_runtime::__private::enter!(Function, #site);
            body!()
        }
    };
    assert_eq!(
        on(
            quote!(),
            quote!(
                fn f() {
                    #![allow(dead_code)]
                    body!()
                }
            )
        ),
        expected.to_string()
    );
}

#[test]
fn a_body_is_not_parsed() {
    assert!(
        on(quote!(), quote!(fn f() { this is no rust, => at all })).contains("this is no rust , => at all")
    );
}

#[test]
fn a_variadic_signature_is_written_whole() {
    let item = quote!(
        unsafe extern "C" fn f(count: u32, mut rest: ...) -> u32 {
            count
        }
    );
    assert!(
        on(quote!(), item).starts_with("unsafe extern \"C\" fn f (count : u32 , mut rest : ...) -> u32 {")
    );
}

#[test]
fn name_budgets_and_crate_reach_the_site() {
    let args = quote!(name = "n", p50 = "1us", p999 = "2.5ms", allocs = 0, bytes = "1KiB", crate = my::rt);
    let text = on(
        args,
        quote!(
            fn f() {}
        ),
    );
    let site = quote!(my::rt::__private::enter!(
        Function,
        ::core::option::Option::Some("n"),
        [(P50, 1000.0), (P999, 2500000.0), (Allocs, 0.0), (Bytes, 1024.0)],
        0u32,
        0u32
    ));
    assert!(text.contains(&site.to_string()), "{text}");
}

#[test]
fn an_async_fn_is_a_timed_future_that_drops_its_arguments_in_order() {
    let site = unnamed();
    let expected = quote! {
        async fn f(&self, (a, _): (A, B), #[cfg(x)] c: C) -> Result<impl Iterator<Item = u8>, E> {
            let __darwin_site = ::darwin_runtime::__private::site!(Async, #site);
            ::darwin_runtime::__private::timed(__darwin_site, async move {
                #[cfg(x)]
                #[allow(clippy::used_underscore_binding, reason = "moved, not used")]
                let _ = (&c,);
                #[allow(clippy::used_underscore_binding, reason = "moved, not used")]
                let _ = (&a,);
                #[allow(clippy::used_underscore_binding, reason = "moved, not used")]
                let _ = (&self,);
                if let ::core::option::Option::Some(__darwin_return)
                    = ::core::option::Option::None::<Result<_, E> >
                {
                    return __darwin_return;
                }
                body
            }).await
        }
    };
    let item = quote! {
        async fn f(&self, (a, _): (A, B), #[cfg(x)] c: C) -> Result<impl Iterator<Item = u8>, E> { body }
    };
    assert_eq!(on(quote!(), item), expected.to_string());
}

#[test]
fn what_async_trait_writes_is_timed_inside_the_box() {
    let site = unnamed();
    let expected = quote! {
        fn f<'a>(&'a self) -> BoxFuture<'a, u8> {
            let __darwin_site = ::darwin_runtime::__private::site!(Async, #site);
            prepare();
            ::std::boxed::Box::pin(::darwin_runtime::__private::timed(__darwin_site, async move { 1 }))
        }
    };
    let item = quote! {
        fn f<'a>(&'a self) -> BoxFuture<'a, u8> {
            prepare();
            ::std::boxed::Box::pin(async move { 1 })
        }
    };
    assert_eq!(on(quote!(), item), expected.to_string());
}

#[test]
fn a_returned_async_block_is_timed() {
    let text = on(
        quote!(),
        quote!(
            fn f() -> impl Future<Output = u8> + Send {
                let x = 1;
                async move { x }
            }
        ),
    );
    assert!(
        text.contains(
            "let x = 1 ; :: darwin_runtime :: __private :: timed (__darwin_site , async move { x })"
        )
    );
}

#[test]
fn another_ending_is_measured_as_a_call() {
    for body in [
        quote!(let _f = Box::pin(async move { 1 }); 2),
        quote!(wrap(Box::pin(async move { 1 }))),
        quote!(x = Box::pin(async move { 1 })),
        quote!(My::pin(async move { 1 })),
        quote!(Box::pin(make(async move { 1 }))),
        quote!(async move { 1 }),
    ] {
        let text = on(quote!(), quote!(fn f() -> u8 { #body }));
        assert!(text.contains("enter ! (Function"), "{text}");
    }
}

#[test]
fn off_gives_every_token_back() {
    let function = quote! {
        #[doc = concat!("a", "b")]
        pub default unsafe extern "C" fn f<T>(self: Box<Self>,) -> impl Fn() where T: X { #![a] b }
    };
    let block = quote!(
        impl<const N: usize> A<{ N }> {
            const fn f() {}
            fn g(&self) {}
        }
    );
    for item in [
        function,
        block,
        quote!(
            pub async fn f() {}
        ),
        quote!(
            mod m {
                use a::{b, c};
                fn f() {}
            }
        ),
    ] {
        assert_eq!(off(quote!(p99 = "1us"), item.clone()), item.to_string());
    }
}

#[test]
fn off_removes_the_markers_of_a_block_and_nothing_else() {
    let item = quote! {
        impl A {
            #![allow(x)]
            #[hotpath(skip)] #[inline] fn f() {}
            #[darwin_runtime::hotpath(allocs = 0)] fn g() {}
            const N: usize = { 3 };
        }
    };
    let expected = quote! {
        impl A {
            #![allow(x)]
            #[inline] fn f() {}
            fn g() {}
            const N: usize = { 3 };
        }
    };
    assert_eq!(off(quote!(), item), expected.to_string());
}

/// `f` with a guard, as far as these tests look at it.
fn is_measured(text: &str, name: &str) -> bool {
    text.contains(&format!("fn {name} () {{ let __darwin_guard"))
}

#[test]
fn a_block_measures_what_can_be_measured() {
    let text = on(
        quote!(),
        quote! {
            mod m {
                use a::{b, c};
                const N: usize = { 3 };
                struct S<const N: usize = { 3 }>(u8);
                macro_rules! made { () => { fn not_in_macros() {} } }
                thing! { fn not_in_calls() {} }
                extern "C" { fn not_foreign(); }
                extern crate core as other;
                trait T { fn not_declared(); fn defaulted() {} }
                impl<const N: usize> A<{ N }> where B<{ N }>: Fn() -> u8 { fn method() {} const fn not_const() {} }
                unsafe impl T for S { unsafe fn also() {} }
                mod inner { pub fn nested() {} }
                mod elsewhere;
                enum E { A }
                fn last() {}
            }
        },
    );
    for name in ["defaulted", "method", "also", "nested", "last"] {
        assert!(is_measured(&text, name), "{name}: {text}");
    }
    assert_eq!(text.matches("__darwin_guard").count(), 5, "{text}");
    assert!(!text.contains("compile_error"), "{text}");
}

#[test]
fn an_item_with_its_own_attribute_is_measured_once_and_its_arguments_go_first() {
    let text = on(
        quote!(p99 = "1ms", allocs = 2, crate = rt),
        quote!(impl A { #[hotpath(name = "n", allocs = 0)] fn f() {} fn g() {} }),
    );
    assert!(text.contains("Some (\"n\") , [(Allocs , 0.0) , (P99 , 1000000.0)]"), "{text}");
    assert!(text.contains("None , [(P99 , 1000000.0) , (Allocs , 2.0)]"), "{text}");
    assert_eq!(text.matches("rt :: __private :: enter").count(), 2);
    assert!(!text.contains("# [hotpath"));
}

#[test]
fn what_is_skipped_is_left_out_but_for_what_asks_for_itself() {
    let text = on(
        quote!(),
        quote! {
            mod m {
                #[hotpath(skip)] fn f() {}
                #[hotpath(skip)] struct S;
                #[hotpath(skip)] mod inner { fn g() {} #[hotpath] fn h() {} }
            }
        },
    );
    assert!(!is_measured(&text, "f") && !is_measured(&text, "g") && is_measured(&text, "h"), "{text}");
    assert!(!text.contains("hotpath"), "{text}");
}

#[test]
fn errors_are_the_same_on_and_off_and_the_item_stays() {
    for (args, item) in [
        (
            quote!(p95 = "1us"),
            quote!(
                fn f() {
                    body
                }
            ),
        ),
        (
            quote!(),
            quote!(
                const fn f() {}
            ),
        ),
        (
            quote!(),
            quote!(
                struct S;
            ),
        ),
        (quote!(name = "x"), quote!(impl A { fn f() {} })),
    ] {
        let text = on(args.clone(), item.clone());
        assert_eq!(text, off(args, item.clone()));
        assert!(text.starts_with(&item.to_string()), "{text}");
        assert_eq!(text.matches("compile_error").count(), 1, "{text}");
    }
}

#[test]
fn an_error_inside_a_block_is_told_once() {
    let text = on(quote!(), quote!(impl A { #[hotpath(skip)] fn f() {} #[hotpath(p99 = 3)] fn g() {} }));
    assert_eq!(text.matches("compile_error").count(), 1, "{text}");
    assert!(!text.contains("# [hotpath"), "{text}");
}

#[test]
fn a_bench_is_registered_beside_the_function() {
    let expected = quote! {
        #[cfg(x)]
        fn insert(b: &mut Bencher) { b.iter(work) }
        #[cfg(x)]
        const _: () = {
            ::darwin_runtime::__private::register_bench!(
                insert,
                ::core::option::Option::Some("n"),
                [(Mean, 50.0)],
                0u32,
                0u32
            );
        };
    };
    let item = quote!(
        #[cfg(x)]
        fn insert(b: &mut Bencher) {
            b.iter(work)
        }
    );
    assert_eq!(bench(quote!(name = "n", mean = "50ns"), item).to_string(), expected.to_string());
}

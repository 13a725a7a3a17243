//! The code that is written. It names nothing but `darwin_runtime::__private`, and what it binds is invisible to
//! the function's body.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Error, FnArg, GenericArgument, Pat, PathArguments, ReturnType, Signature, Token, Type, TypeInfer};

use crate::args::Args;
use crate::model::{Bench, Budget, FutureTail, Measured, Node, Options, Shape};
use crate::parse::{Body, Item};
use crate::validate;

/// `#[hotpath(args)] input`. After an error the item still comes out, so that there is one error and not ten.
pub(crate) fn hotpath(args: TokenStream, input: TokenStream, enabled: bool) -> TokenStream {
    let item: Item = match syn::parse2(input.clone()) {
        Ok(item) => item,
        Err(error) => return with_error(input, &error),
    };
    match validate::hotpath(syn::parse2(args), &item) {
        Err(error) => with_error(item.without_markers(), &error),
        Ok(node) if enabled => expand_node(&node),
        Ok(_) if item.has_markers() => item.without_markers(),
        Ok(_) => input,
    }
}

/// `#[bench(args)] input`: the function as it is, and its registration, measured or not.
pub(crate) fn bench(args: TokenStream, input: TokenStream) -> TokenStream {
    let item: Item = match syn::parse2(input.clone()) {
        Ok(item) => item,
        Err(error) => return with_error(input, &error),
    };
    match validate::bench(syn::parse2::<Args>(args), &item) {
        Err(error) => with_error(input, &error),
        Ok(bench) => {
            let registration = registration(&bench);
            quote!(#input #registration)
        }
    }
}

fn with_error(item: TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}

fn registration(bench: &Bench) -> TokenStream {
    let Bench { cfgs, ident, options } = bench;
    let (krate, site) = (krate(options), site(options, ident));
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        const _: () = { #krate::__private::register_bench!(#ident, #site); };
    }
}

fn expand_node(node: &Node) -> TokenStream {
    match node {
        Node::AsItWas(tokens) => tokens.clone(),
        Node::Measured(measured) => expand_function(measured),
        Node::Block { attrs, block, nodes } => {
            let block = block.with_items(nodes.iter().map(expand_node).collect());
            quote!(#(#attrs)* #block)
        }
    }
}

fn expand_function(measured: &Measured) -> TokenStream {
    let Measured { attrs, function, body, shape, options } = measured;
    let (vis, defaultness, sig, inner_attrs) =
        (&function.vis, &function.defaultness, &function.sig, &body.inner_attrs);
    let krate = krate(options);
    let site = site(options, &sig.ident);
    let code = match shape {
        Shape::Sync => sync_body(&krate, &site, body),
        Shape::AsyncFn => async_body(&krate, &site, sig, body),
        Shape::Future(tail) => future_body(&krate, &site, tail),
    };
    let code = braces(body.span, quote!(#(#inner_attrs)* #code));
    quote!(#(#attrs)* #vis #defaultness #sig #code)
}

/// A guard in the same body, not a closure around it: `?`, `return`, borrows and `#[track_caller]` stay as they are.
fn sync_body(krate: &TokenStream, site: &TokenStream, body: &Body) -> TokenStream {
    let user = &body.tokens;
    quote_spanned! {Span::mixed_site()=>
        let __darwin_guard = #krate::__private::enter!(Function, #site);
        #user
    }
}

/// A future around the body, as a guard held over an `await` would count the waiting and end `Send`.
fn async_body(krate: &TokenStream, site: &TokenStream, sig: &Signature, body: &Body) -> TokenStream {
    let (captures, return_edge, user) = (captures(sig), return_edge(&sig.output), &body.tokens);
    let block = braces(body.span, quote!(#captures #return_edge #user));
    quote_spanned! {Span::mixed_site()=>
        let __darwin_site = #krate::__private::site!(Async, #site);
        #krate::__private::timed(__darwin_site, async move #block).await
    }
}

/// The body as it is, but for the future that it ends with.
fn future_body(krate: &TokenStream, site: &TokenStream, tail: &FutureTail) -> TokenStream {
    let FutureTail { before, block, boxed } = tail;
    let mut timed = quote_spanned! {Span::mixed_site()=>
        #krate::__private::timed(__darwin_site, #block)
    };
    if let Some(span) = boxed {
        let mut arguments = Group::new(Delimiter::Parenthesis, timed);
        arguments.set_span(*span);
        timed = arguments.into_token_stream();
    }
    quote_spanned! {Span::mixed_site()=>
        let __darwin_site = #krate::__private::site!(Async, #site);
        #before #timed
    }
}

/// Moves the arguments into the `async` block, the last one first: an `async fn` drops them from the last to the
/// first, a block in the order in which it names them.
fn captures(sig: &Signature) -> TokenStream {
    let mut statements = TokenStream::new();
    for input in sig.inputs.iter().rev() {
        let (attrs, mut names) = match input {
            FnArg::Receiver(receiver) => (&receiver.attrs, vec![receiver.self_token.to_token_stream()]),
            FnArg::Typed(typed) => (&typed.attrs, bindings(&typed.pat)),
        };
        names.reverse();
        if names.is_empty() {
            continue;
        }
        let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
        statements.extend(quote_spanned! {Span::mixed_site()=>
            #(#cfgs)*
            #[allow(clippy::used_underscore_binding, reason = "moved, not used")]
            let _ = (#(&#names,)*);
        });
    }
    statements
}

/// The variables that a pattern binds, in order.
fn bindings(pat: &Pat) -> Vec<TokenStream> {
    match pat {
        Pat::Ident(pat) => {
            let inner = pat.subpat.iter().flat_map(|(_, inner)| bindings(inner));
            std::iter::once(pat.ident.to_token_stream()).chain(inner).collect()
        }
        Pat::Paren(pat) => bindings(&pat.pat),
        Pat::Reference(pat) => bindings(&pat.pat),
        Pat::Type(pat) => bindings(&pat.pat),
        Pat::Slice(pat) => pat.elems.iter().flat_map(bindings).collect(),
        Pat::Tuple(pat) => pat.elems.iter().flat_map(bindings).collect(),
        Pat::TupleStruct(pat) => pat.elems.iter().flat_map(bindings).collect(),
        Pat::Struct(pat) => pat.fields.iter().flat_map(|field| bindings(&field.pat)).collect(),
        // Every alternative binds the same variables.
        Pat::Or(pat) => pat.cases.first().map(bindings).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A `return` that never happens: it tells the compiler the type of the block, which `?` and `.into()` need.
fn return_edge(output: &ReturnType) -> TokenStream {
    let ty = match output {
        ReturnType::Default => return quote_spanned!(Span::mixed_site()=> if false { return; }),
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => return TokenStream::new(),
        ReturnType::Type(_, ty) => {
            let mut ty = (**ty).clone();
            infer_impl(&mut ty);
            ty
        }
    };
    quote_spanned! {Span::mixed_site()=>
        if let ::core::option::Option::Some(__darwin_return) = ::core::option::Option::None::<#ty> {
            return __darwin_return;
        }
    }
}

/// `Result<impl Iterator, Error>` -> `Result<_, Error>`: `impl Trait` may stand in a signature only.
fn infer_impl(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => {
            *ty =
                Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token: Token![_](Span::mixed_site()) });
        }
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        infer_impl(ty);
                    }
                }
            }
        }
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer_impl),
        Type::Array(array) => infer_impl(&mut array.elem),
        Type::Group(group) => infer_impl(&mut group.elem),
        Type::Paren(paren) => infer_impl(&mut paren.elem),
        Type::Reference(reference) => infer_impl(&mut reference.elem),
        _ => {}
    }
}

fn krate(options: &Options) -> TokenStream {
    match &options.krate {
        Some(path) => path.to_token_stream(),
        None => quote_spanned!(Span::mixed_site()=> ::darwin_runtime),
    }
}

/// What describes a site: name, budgets, line and column.
fn site(options: &Options, ident: &Ident) -> TokenStream {
    let name = match &options.name {
        Some(name) => quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some(#name)),
        None => quote_spanned!(Span::mixed_site()=> ::core::option::Option::None),
    };
    let budgets = options.budgets.iter().map(|Budget { metric, limit }| {
        let (metric, limit) = (metric.ident(), Literal::f64_unsuffixed(*limit));
        quote_spanned!(Span::mixed_site()=> (#metric, #limit))
    });
    let (line, column) = position(ident.span());
    quote_spanned!(Span::mixed_site()=> #name, [#(#budgets),*], #line, #column)
}

/// Line and column, both from 1; zeros where no compiler is around, as in unit tests.
fn position(span: Span) -> (Literal, Literal) {
    let (line, column) = if proc_macro::is_available() {
        let start = span.unwrap().start();
        (start.line(), start.column())
    } else {
        (0, 0)
    };
    let literal = |number: usize| Literal::u32_suffixed(u32::try_from(number).unwrap_or(u32::MAX));
    (literal(line), literal(column))
}

/// Braces at the place of the user's, but known as ours: clippy would otherwise complain about items of the body
/// that stand behind our statements.
fn braces(span: Span, content: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, content);
    group.set_span(Span::mixed_site().located_at(span));
    group
}

#[cfg(test)]
mod tests;

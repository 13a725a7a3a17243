//! What the attributes mean once everything is known to be right.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::{Attribute, Ident, LitStr, Path, ReturnType, Signature, Type, TypeParamBound};

use crate::parse::{Body, Container, Function};

/// What a budget limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    P50,
    P90,
    P99,
    P999,
    Mean,
    Max,
    Allocs,
    Bytes,
}

impl Metric {
    pub(crate) const ALL: [Metric; 8] = [
        Metric::P50,
        Metric::P90,
        Metric::P99,
        Metric::P999,
        Metric::Mean,
        Metric::Max,
        Metric::Allocs,
        Metric::Bytes,
    ];

    /// The argument that sets it.
    pub(crate) fn key(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Its name in `darwin_runtime::__private`.
    pub(crate) fn ident(self) -> Ident {
        Ident::new(&format!("{self:?}"), Span::mixed_site())
    }
}

/// An absolute limit on one metric of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Budget {
    pub(crate) metric: Metric,
    /// Nanoseconds, allocations or bytes, as the metric says.
    pub(crate) limit: f64,
}

/// The arguments of one attribute.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    /// At most one of each metric.
    pub(crate) budgets: Vec<Budget>,
    /// Where the runtime is; `::darwin_runtime` if not said.
    pub(crate) krate: Option<Path>,
}

impl Options {
    /// These options inside a block that has some as well: what is nearer to the function goes first.
    pub(crate) fn inside(mut self, block: &Options) -> Options {
        for budget in &block.budgets {
            if !self.budgets.iter().any(|own| own.metric == budget.metric) {
                self.budgets.push(*budget);
            }
        }
        self.krate = self.krate.or_else(|| block.krate.clone());
        self
    }
}

/// An item as it will be written when measurement is on.
pub(crate) enum Node<'a> {
    /// Left out: as it was, without our markers.
    AsItWas(TokenStream),
    Measured(Measured<'a>),
    /// The nodes stand in the order of the block's items.
    Block {
        attrs: Vec<&'a Attribute>,
        block: &'a Container,
        nodes: Vec<Node<'a>>,
    },
}

/// A function with a site.
pub(crate) struct Measured<'a> {
    pub(crate) attrs: Vec<&'a Attribute>,
    pub(crate) function: &'a Function,
    pub(crate) body: &'a Body,
    pub(crate) shape: Shape,
    pub(crate) options: Options,
}

/// A benchmark to be registered.
pub(crate) struct Bench<'a> {
    /// The conditions under which the function exists.
    pub(crate) cfgs: Vec<&'a Attribute>,
    pub(crate) ident: &'a Ident,
    pub(crate) options: Options,
}

/// Where the time of a function is spent.
pub(crate) enum Shape {
    /// In its body.
    Sync,
    /// In the future that the compiler makes of it.
    AsyncFn,
    /// In an `async` block that it ends with and returns.
    Future(FutureTail),
}

/// A body taken apart: `before` `block`, or `before` (`block`) where the block is the argument of a call.
pub(crate) struct FutureTail {
    pub(crate) before: TokenStream,
    /// `async move { … }`
    pub(crate) block: TokenStream,
    /// The parentheses of `Box::pin( … )`.
    pub(crate) boxed: Option<Span>,
}

impl Shape {
    pub(crate) fn of(sig: &Signature, body: &Body) -> Shape {
        if sig.asyncness.is_some() {
            return Shape::AsyncFn;
        }
        let trees = body.tokens.clone().into_iter().collect();
        boxed_tail(trees)
            .or_else(|trees| if returns_future(sig) { block_tail(trees) } else { Err(trees) })
            .map_or(Shape::Sync, Shape::Future)
    }
}

/// `…; Box::pin(async move { … })`, which is also what async-trait makes of an `async fn`. On another ending the
/// tokens are given back.
fn boxed_tail(mut trees: Vec<TokenTree>) -> Result<FutureTail, Vec<TokenTree>> {
    match trees.pop() {
        Some(TokenTree::Group(arguments))
            if arguments.delimiter() == Delimiter::Parenthesis
                && path_start(&trees, &["Box", "pin"])
                    .is_some_and(|start| begins_statement(&trees[..start]))
                && is_async_block(arguments.stream()) =>
        {
            let before = trees.into_iter().collect();
            Ok(FutureTail { before, block: arguments.stream(), boxed: Some(arguments.span()) })
        }
        last => Err(trees.into_iter().chain(last).collect()),
    }
}

/// `…; async move { … }`
fn block_tail(mut trees: Vec<TokenTree>) -> Result<FutureTail, Vec<TokenTree>> {
    let start = [3, 2].into_iter().find_map(|length| {
        let start = trees.len().checked_sub(length)?;
        let fits =
            is_async_block(trees[start..].iter().cloned().collect()) && begins_statement(&trees[..start]);
        fits.then_some(start)
    });
    let Some(start) = start else { return Err(trees) };
    let block = trees.split_off(start).into_iter().collect();
    Ok(FutureTail { before: trees.into_iter().collect(), block, boxed: None })
}

/// Where a path that ends the tokens begins, if its last segments are these: `std::boxed::Box::pin`.
fn path_start(trees: &[TokenTree], last: &[&str]) -> Option<usize> {
    let mut start = trees.len();
    let mut segments = Vec::new();
    while let Some(TokenTree::Ident(segment)) = trees[..start].last() {
        segments.push(segment.to_string());
        start -= 1;
        match &trees[..start] {
            [.., TokenTree::Punct(a), TokenTree::Punct(b)] if a.as_char() == ':' && b.as_char() == ':' => {
                start -= 2
            }
            _ => break,
        }
    }
    segments.reverse();
    segments.iter().map(String::as_str).collect::<Vec<_>>().ends_with(last).then_some(start)
}

/// Whether an expression behind these tokens is one of its own, and not the rest of a longer one.
fn begins_statement(before: &[TokenTree]) -> bool {
    match before.last() {
        None => true,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(_) => false,
    }
}

fn is_async_block(tokens: TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let (words, last) = match trees.split_last() {
        Some((TokenTree::Group(group), words)) => (words, group.delimiter()),
        _ => return false,
    };
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    last == Delimiter::Brace && (words == ["async"] || words == ["async", "move"])
}

fn returns_future(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    let Type::ImplTrait(ty) = &**ty else { return false };
    ty.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == "Future"),
        _ => false,
    })
}

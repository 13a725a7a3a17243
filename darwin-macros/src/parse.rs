//! An item, as far as it has to be understood: attributes and signatures are parsed, bodies stay tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::buffer::Cursor;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{Abi, Attribute, Ident, Meta, Result, Signature, Token, Visibility, braced, token};

/// An item of a module, an `impl` or a trait.
pub(crate) struct Item {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Function(Box<Function>),
    Block(Container),
    Other(Other),
}

pub(crate) struct Function {
    pub(crate) vis: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// `None`: a declaration that ends in a semicolon.
    pub(crate) body: Option<Body>,
    /// The whole function without its attributes, as it was typed.
    tokens: TokenStream,
}

/// What stands between the braces of a function.
pub(crate) struct Body {
    pub(crate) span: Span,
    pub(crate) inner_attrs: Vec<Attribute>,
    pub(crate) tokens: TokenStream,
}

/// An `impl`, an inline `mod` or a trait: something with functions inside.
pub(crate) struct Container {
    pub(crate) word: Word,
    /// The keyword.
    pub(crate) at: Span,
    head: TokenStream,
    span: Span,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Impl,
    Mod,
    Trait,
}

/// An item without functions that could be measured.
pub(crate) struct Other {
    /// Its first token behind the visibility.
    pub(crate) at: Span,
    /// The text of that token if it is a word: `struct`.
    pub(crate) word: Option<Ident>,
    tokens: TokenStream,
}

impl Item {
    /// The item as it was, without the markers meant for us: what is written when measurement is off.
    pub(crate) fn without_markers(&self) -> TokenStream {
        let attrs = self.attrs.iter().filter(|attr| !is_marker(attr) && !is_conditional_marker(attr));
        let rest = match &self.kind {
            Kind::Function(function) => function.tokens.clone(),
            Kind::Block(block) => block.with_items(block.items.iter().map(Item::without_markers).collect()),
            Kind::Other(other) => other.tokens.clone(),
        };
        quote!(#(#attrs)* #rest)
    }

    pub(crate) fn has_markers(&self) -> bool {
        self.attrs.iter().any(is_marker)
            || matches!(&self.kind, Kind::Block(block) if block.items.iter().any(Item::has_markers))
    }
}

impl Container {
    /// The block around other items.
    pub(crate) fn with_items(&self, items: TokenStream) -> TokenStream {
        let (head, inner_attrs) = (&self.head, &self.inner_attrs);
        let mut braces = Group::new(Delimiter::Brace, quote!(#(#inner_attrs)* #items));
        braces.set_span(self.span);
        quote!(#head #braces)
    }
}

/// `#[hotpath]`, however it is reached: `#[darwin_runtime::hotpath(...)]`.
pub(crate) fn is_marker(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|last| last.ident == "hotpath")
}

/// `#[cfg_attr(…, hotpath)]`, which always ends in an error.
pub(crate) fn is_conditional_marker(attr: &Attribute) -> bool {
    let Meta::List(list) = &attr.meta else { return false };
    let names_us = |tree: TokenTree| matches!(tree, TokenTree::Ident(ident) if ident == "hotpath");
    attr.path().is_ident("cfg_attr") && list.tokens.clone().into_iter().any(names_us)
}

impl Parse for Item {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let ahead = input.fork();
        let vis = ahead.parse()?;
        let defaultness =
            if ahead.peek(Token![default]) && !ahead.peek2(Token![!]) && !ahead.peek2(Token![::]) {
                Some(ahead.parse()?)
            } else {
                None
            };
        let start = input.cursor();
        let kind = if is_function(&ahead) {
            input.advance_to(&ahead);
            Kind::Function(Box::new(parse_function(input, start, vis, defaultness)?))
        } else if let Some((word, at)) = container_word(&ahead)
            && braces_follow(&ahead)
        {
            Kind::Block(parse_container(input, word, at)?)
        } else {
            let (at, word) = (ahead.span(), ahead.call(syn::ext::IdentExt::parse_any).ok());
            skip_item(input, word.as_ref())?;
            Kind::Other(Other { at, word, tokens: between(start, input.cursor()) })
        };
        Ok(Item { attrs, kind })
    }
}

fn parse_function(
    input: ParseStream,
    start: Cursor,
    vis: Visibility,
    defaultness: Option<Token![default]>,
) -> Result<Function> {
    let sig = input.parse()?;
    let body = if input.peek(token::Brace) {
        Some(input.parse()?)
    } else {
        input.parse::<Token![;]>()?;
        None
    };
    Ok(Function { vis, defaultness, sig, body, tokens: between(start, input.cursor()) })
}

impl Parse for Body {
    fn parse(input: ParseStream) -> Result<Self> {
        let content;
        let braces = braced!(content in input);
        let inner_attrs = content.call(Attribute::parse_inner)?;
        Ok(Body { span: braces.span.join(), inner_attrs, tokens: content.parse()? })
    }
}

fn parse_container(input: ParseStream, word: Word, at: Span) -> Result<Container> {
    let start = input.cursor();
    skip_while(input, |token| !matches!(token, Skipped::Braces))?;
    let head = between(start, input.cursor());
    let content;
    let braces = braced!(content in input);
    let inner_attrs = content.call(Attribute::parse_inner)?;
    let mut items = Vec::new();
    while !content.is_empty() {
        items.push(content.parse()?);
    }
    Ok(Container { word, at, head, span: braces.span.join(), inner_attrs, items })
}

fn is_function(input: ParseStream) -> bool {
    let ahead = input.fork();
    let qualifiers = || -> Result<()> {
        ahead.parse::<Option<Token![const]>>()?;
        ahead.parse::<Option<Token![async]>>()?;
        ahead.parse::<Option<Token![unsafe]>>()?;
        ahead.parse::<Option<Abi>>()?;
        Ok(())
    };
    qualifiers().is_ok() && ahead.peek(Token![fn])
}

/// The keyword of a block with items, and where it stands.
fn container_word(input: ParseStream) -> Option<(Word, Span)> {
    let ahead = input.fork();
    ahead.parse::<Option<Token![unsafe]>>().ok()?;
    ahead.parse::<Option<Token![auto]>>().ok()?;
    let word = if ahead.peek(Token![impl]) {
        Word::Impl
    } else if ahead.peek(Token![mod]) {
        Word::Mod
    } else if ahead.peek(Token![trait]) {
        Word::Trait
    } else {
        return None;
    };
    Some((word, ahead.span()))
}

/// Whether the item has a block: `mod m { … }`, not `mod m;`.
fn braces_follow(input: ParseStream) -> bool {
    let ahead = input.fork();
    skip_while(&ahead, |token| !matches!(token, Skipped::Braces | Skipped::Semicolon)).is_ok()
        && ahead.peek(token::Brace)
}

/// Consumes one item whose inside is of no interest: up to its semicolon, or the braces that end it.
fn skip_item(input: ParseStream, word: Option<&Ident>) -> Result<()> {
    // These may have braces before it: `use a::{b, c};`, `const N: usize = { 3 };`.
    let only_semicolon =
        word.is_some_and(|word| ["use", "const", "static", "type"].iter().any(|it| word == it));
    let is_end = |token: &Skipped| match token {
        Skipped::Semicolon => true,
        Skipped::Braces => !only_semicolon,
        Skipped::Else => false,
    };
    skip_while(input, |token| !is_end(&token))?;
    input.step(|cursor| {
        token_after(*cursor).map(|(_, rest)| ((), rest)).ok_or_else(|| cursor.error("expected an item"))
    })
}

/// What is told apart when tokens are skipped.
enum Skipped {
    /// Outside of angle brackets: those of `Foo<{ N }>` belong to the head of an item.
    Braces,
    Semicolon,
    Else,
}

/// Consumes tokens as long as the condition holds.
fn skip_while(input: ParseStream, condition: impl Fn(Skipped) -> bool) -> Result<()> {
    input.step(|cursor| {
        let mut rest = *cursor;
        let (mut angles, mut arrow) = (0_usize, false);
        while let Some((first, after)) = token_after(rest) {
            let token = match first {
                First::Char(';') => Skipped::Semicolon,
                First::Braces if angles == 0 => Skipped::Braces,
                _ => Skipped::Else,
            };
            if !condition(token) {
                return Ok(((), rest));
            }
            match first {
                First::Char('<') => angles += 1,
                First::Char('>') if !arrow => angles = angles.saturating_sub(1),
                _ => {}
            }
            // The `>` of `->` and `=>` closes nothing.
            arrow = matches!(first, First::Char('-' | '='));
            rest = after;
        }
        Err(cursor.error("expected an item with a body or a semicolon"))
    })
}

#[derive(Clone, Copy)]
enum First {
    Char(char),
    Braces,
    Else,
}

/// The next token and what follows. Looks into the invisible groups that `macro_rules!` puts around fragments.
fn token_after(cursor: Cursor) -> Option<(First, Cursor)> {
    if let Some((punct, rest)) = cursor.punct() {
        return Some((First::Char(punct.as_char()), rest));
    }
    if let Some((_, _, rest)) = cursor.group(Delimiter::Brace) {
        return Some((First::Braces, rest));
    }
    let rest = cursor
        .ident()
        .map(|(_, rest)| rest)
        .or_else(|| cursor.literal().map(|(_, rest)| rest))
        .or_else(|| cursor.lifetime().map(|(_, rest)| rest))
        .or_else(|| cursor.any_group().map(|(_, _, _, rest)| rest))?;
    Some((First::Else, rest))
}

/// The tokens from one place to a later one of the same stream.
fn between(start: Cursor, end: Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut cursor = start;
    while cursor < end {
        let Some((tree, next)) = cursor.token_tree() else { break };
        match cursor.group(Delimiter::None) {
            // The end lies inside an invisible group.
            Some((inside, _, _)) if end < next => cursor = inside,
            _ => {
                tree.to_tokens(&mut tokens);
                cursor = next;
            }
        }
    }
    tokens
}

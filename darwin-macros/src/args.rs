//! What stands in the parentheses of an attribute, as it was typed: nothing is judged here but the grammar.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, Meta, Path, Result, Token};

/// `name = "x", p99 = "50us"`
pub(crate) struct Args(pub(crate) Vec<Arg>);

/// One argument: `key` or `key = value`.
pub(crate) struct Arg {
    pub(crate) key: Ident,
    pub(crate) value: Value,
}

/// What stands behind the `=`.
pub(crate) enum Value {
    None,
    Lit(Lit),
    Path(Path),
    Other(Span),
}

impl Args {
    pub(crate) fn none() -> Args {
        Args(Vec::new())
    }

    /// The arguments of an attribute that stands on an item inside a measured block.
    pub(crate) fn of(attr: &Attribute) -> Result<Args> {
        match &attr.meta {
            Meta::Path(_) => Ok(Args::none()),
            Meta::List(list) => list.parse_args(),
            Meta::NameValue(pair) => Err(syn::Error::new_spanned(
                pair,
                "arguments stand in parentheses: write `#[hotpath(name = \"...\")]`",
            )),
        }
    }
}

impl Parse for Args {
    fn parse(input: ParseStream) -> Result<Self> {
        let args = Punctuated::<Arg, Token![,]>::parse_terminated(input)?;
        Ok(Args(args.into_iter().collect()))
    }
}

impl Parse for Arg {
    fn parse(input: ParseStream) -> Result<Self> {
        let key = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "an argument begins with its name, as in `p99 = \"50us\"`")
        })?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            input.parse()?
        } else {
            Value::None
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(format!("expected a comma after the argument `{key}`")));
        }
        Ok(Arg { key, value })
    }
}

impl Parse for Value {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(Lit) || (input.peek(Token![-]) && input.peek2(Lit)) {
            return input.parse().map(Value::Lit);
        }
        let path = input.fork();
        if path.call(Path::parse_mod_style).is_ok() && (path.is_empty() || path.peek(Token![,])) {
            return input.call(Path::parse_mod_style).map(Value::Path);
        }
        let other = tokens_up_to_comma(input)?;
        Ok(Value::Other(other))
    }
}

fn tokens_up_to_comma(input: ParseStream) -> Result<Span> {
    let first = input.span();
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens.into_iter().next().map_or(first, |token| token.span()))
}

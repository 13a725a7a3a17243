//! From what was typed to what it means; every complaint is made here, at the token that causes it.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Lit, LitStr, Meta, Path, Result, ReturnType, Safety};

use crate::args::{Arg, Args, Value};
use crate::model::{Bench, Budget, Measured, Metric, Node, Options, Shape};
use crate::parse::{Container, Function, Item, Kind, Other, Word, is_conditional_marker, is_marker};
use crate::quantity;

/// All complaints about one attribute, so that they can be mended in one go.
#[derive(Default)]
struct Complaints(Option<Error>);

impl Complaints {
    fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    /// The value, or `None` and one complaint more.
    fn catch<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    fn finish<T>(self, value: T) -> Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attr {
    Hotpath,
    Bench,
}

impl Attr {
    fn keys(self) -> Vec<String> {
        let mut keys = vec!["name".to_owned()];
        keys.extend(Metric::ALL.map(Metric::key));
        keys.push("crate".to_owned());
        if self == Attr::Hotpath {
            keys.push("skip".to_owned());
        }
        keys
    }
}

/// What is asked of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// It carries the attribute: what cannot be measured is an error.
    Itself,
    /// It stands in a measured block: what cannot be measured is left out.
    WithItsBlock,
    /// It is skipped, or stands in a skipped block: only what carries the attribute is measured.
    No,
}

/// Judges `#[hotpath(args)] item`.
pub(crate) fn hotpath<'a>(args: Result<Args>, item: &'a Item) -> Result<Node<'a>> {
    let mut complaints = Complaints::default();
    let args = complaints.catch(args).unwrap_or_else(Args::none);
    let (options, skip) = resolve(&args, Attr::Hotpath, &mut complaints);
    if let Some(skip) = skip {
        complaints.at(skip, "`skip` leaves an item out of a measured `impl` or `mod`: here it stands in none, so remove the attribute");
    }
    refuse_more(item, 0, &mut complaints);
    let node = node(item, options, Wanted::Itself, &mut complaints);
    complaints.finish(node)
}

/// Complains about attributes of ours that an item carries beyond those expected.
fn refuse_more(item: &Item, expected: usize, complaints: &mut Complaints) {
    for second in item.attrs.iter().filter(|attr| is_marker(attr)).skip(expected) {
        complaints.at(
            second.path().span(),
            "a second `#[hotpath]`: an item is measured once, so put all arguments into one attribute",
        );
    }
    for conditional in item.attrs.iter().filter(|attr| is_conditional_marker(attr)) {
        complaints.at(
            conditional.path().span(),
            "here `#[hotpath]` cannot depend on a condition, as it is not known yet: write it without `cfg_attr`",
        );
    }
}

fn node<'a>(item: &'a Item, options: Options, wanted: Wanted, complaints: &mut Complaints) -> Node<'a> {
    let complaint = match &item.kind {
        Kind::Function(function) => match measured(item, function, options) {
            Ok(measured) if wanted != Wanted::No => return Node::Measured(measured),
            Ok(_) => return Node::AsItWas(item.without_markers()),
            Err(complaint) => complaint,
        },
        Kind::Block(block) if block.word == Word::Trait && wanted == Wanted::Itself => Error::new(
            block.at,
            "`#[hotpath]` cannot measure a trait: put it on the methods that have a body, or on the `impl` blocks",
        ),
        Kind::Block(block) => return block_node(item, block, &options, wanted, complaints),
        Kind::Other(other) => not_a_function(other),
    };
    if wanted == Wanted::Itself {
        complaints.push(complaint);
    }
    Node::AsItWas(item.without_markers())
}

fn block_node<'a>(
    item: &'a Item,
    block: &'a Container,
    options: &Options,
    wanted: Wanted,
    complaints: &mut Complaints,
) -> Node<'a> {
    if let Some(name) = &options.name {
        complaints.at(
            name.span(),
            "a name belongs to one function: put `#[hotpath(name = \"...\")]` on the function inside",
        );
    }
    let children = if wanted == Wanted::No { Wanted::No } else { Wanted::WithItsBlock };
    let nodes = block.items.iter().map(|item| inner_node(item, options, children, complaints)).collect();
    let attrs = item.attrs.iter().filter(|attr| !is_marker(attr)).collect();
    Node::Block { attrs, block, nodes }
}

/// An item inside a block; it may carry an attribute of its own.
fn inner_node<'a>(item: &'a Item, block: &Options, wanted: Wanted, complaints: &mut Complaints) -> Node<'a> {
    refuse_more(item, 1, complaints);
    let Some(marker) = item.attrs.iter().find(|attr| is_marker(attr)) else {
        return node(item, Options::default().inside(block), wanted, complaints);
    };
    let args = complaints.catch(Args::of(marker)).unwrap_or_else(Args::none);
    let (options, skip) = resolve(&args, Attr::Hotpath, complaints);
    if skip.is_some() {
        // Where the runtime is remains true for what carries the attribute further inside.
        let options = Options { krate: block.krate.clone(), ..Options::default() };
        return node(item, options, Wanted::No, complaints);
    }
    node(item, options.inside(block), Wanted::Itself, complaints)
}

fn measured<'a>(item: &'a Item, function: &'a Function, options: Options) -> Result<Measured<'a>> {
    let sig = &function.sig;
    if let Some(constness) = &sig.constness {
        return Err(Error::new(
            constness.span,
            "`#[hotpath]` cannot measure a `const fn`, as no clock runs at compile time: remove `const`, or measure the function that calls it",
        ));
    }
    let Some(body) = &function.body else {
        return Err(Error::new(
            sig.ident.span(),
            "`#[hotpath]` measures a body, and this function has none: put it on the functions in the `impl` blocks",
        ));
    };
    if let Some(naked) = item.attrs.iter().find(|attr| is_naked(attr)) {
        return Err(Error::new(
            naked.path().span(),
            "`#[hotpath]` cannot measure a naked function: measure the function that calls it",
        ));
    }
    let attrs = item.attrs.iter().filter(|attr| !is_marker(attr)).collect();
    Ok(Measured { attrs, function, body, shape: Shape::of(sig, body), options })
}

fn is_naked(attr: &Attribute) -> bool {
    attr.path().is_ident("naked")
        || matches!(&attr.meta, Meta::List(list) if list.path.is_ident("unsafe") && list.tokens.to_string() == "naked")
}

fn not_a_function(other: &Other) -> Error {
    let what = other.word.as_ref().map(ToString::to_string);
    let message = match what.as_deref() {
        Some("extern" | "unsafe") => {
            "`#[hotpath]` cannot measure foreign functions: put it on the Rust functions that call them".to_owned()
        }
        Some("mod") => "`#[hotpath]` measures an inline `mod m { ... }`: in the module's own file, put it on its functions and `impl` blocks".to_owned(),
        Some(word @ ("struct" | "enum" | "union")) => {
            format!("`#[hotpath]` measures functions, and data runs nothing: put it on the `impl` block of the {word}")
        }
        _ => "`#[hotpath]` measures functions: put it on a `fn`, an `impl` block or an inline `mod`".to_owned(),
    };
    Error::new(other.at, message)
}

/// What the arguments mean, and where `skip` stands if it does.
fn resolve(args: &Args, attr: Attr, complaints: &mut Complaints) -> (Options, Option<Span>) {
    let mut options = Options::default();
    let mut skip = None;
    for (index, arg) in args.0.iter().enumerate() {
        let key = arg.key.to_string();
        if args.0[..index].iter().any(|earlier| earlier.key == arg.key) {
            complaints.at(arg.key.span(), format!("`{key}` is given twice: keep one"));
        } else if key == "name" {
            options.name = complaints.catch(name(arg));
        } else if key == "crate" {
            options.krate = complaints.catch(krate(arg));
        } else if key == "skip" && attr == Attr::Hotpath {
            skip = complaints.catch(skip_alone(arg, args));
        } else if let Some(metric) = Metric::ALL.into_iter().find(|metric| metric.key() == key) {
            options.budgets.extend(complaints.catch(budget(arg, metric)));
        } else {
            let keys = attr.keys().join("`, `");
            complaints.at(arg.key.span(), format!("unknown argument `{key}`: did you mean one of `{keys}`?"));
        }
    }
    (options, skip)
}

/// Where a complaint about the value belongs.
fn value_span(arg: &Arg) -> Span {
    match &arg.value {
        Value::None => arg.key.span(),
        Value::Lit(lit) => lit.span(),
        Value::Path(path) => path.span(),
        Value::Other(span) => *span,
    }
}

fn name(arg: &Arg) -> Result<LitStr> {
    let problem = match &arg.value {
        Value::Lit(Lit::Str(text)) => {
            let name = text.value();
            if name.trim().is_empty() {
                "is empty"
            } else if name.trim() != name || name.contains(char::is_control) {
                "has spaces at its ends or control characters in it"
            } else {
                return Ok(text.clone());
            }
        }
        _ => "is not a string",
    };
    Err(Error::new(value_span(arg), format!("the name {problem}: write it like `name = \"Book::insert\"`")))
}

fn krate(arg: &Arg) -> Result<Path> {
    match &arg.value {
        Value::Path(path) => Ok(path.clone()),
        _ => Err(Error::new(
            value_span(arg),
            "`crate` takes the path of darwin-runtime, without quotes: write it like `crate = ::my_runtime`",
        )),
    }
}

fn skip_alone(arg: &Arg, args: &Args) -> Result<Span> {
    if args.0.len() == 1 && matches!(arg.value, Value::None) {
        return Ok(arg.key.span());
    }
    Err(Error::new(arg.key.span(), "`skip` stands alone: write `#[hotpath(skip)]`"))
}

fn budget(arg: &Arg, metric: Metric) -> Result<Budget> {
    let limit = match (&arg.value, metric) {
        (Value::Lit(Lit::Str(text)), Metric::Bytes) => quantity::bytes(&text.value()),
        (Value::Lit(Lit::Int(count)), Metric::Bytes | Metric::Allocs) if count.suffix().is_empty() => {
            not_negative(count.base10_digits())
        }
        (Value::Lit(Lit::Float(count)), Metric::Allocs) if count.suffix().is_empty() => {
            not_negative(count.base10_digits())
        }
        (_, Metric::Allocs) => Err("`allocs` takes a number per call: write it like `allocs = 0`".to_owned()),
        (_, Metric::Bytes) => {
            Err("`bytes` takes a size per call: write it like `bytes = 1024` or `bytes = \"1KiB\"`"
                .to_owned())
        }
        (Value::Lit(Lit::Str(text)), _) => quantity::nanoseconds(&text.value()),
        _ => {
            let key = metric.key();
            Err(format!("`{key}` takes a time with its unit in quotes: write it like `{key} = \"50us\"`"))
        }
    };
    match limit {
        Ok(limit) => Ok(Budget { metric, limit }),
        Err(message) => Err(Error::new(value_span(arg), message)),
    }
}

fn not_negative(digits: &str) -> std::result::Result<f64, String> {
    match digits.parse::<f64>() {
        Ok(limit) if limit >= 0.0 && limit.is_finite() => Ok(limit),
        _ => Err(format!("a budget is a number that is zero or more, not `{digits}`")),
    }
}

/// Judges `#[bench(args)] item`.
pub(crate) fn bench<'a>(args: Result<Args>, item: &'a Item) -> Result<Bench<'a>> {
    let mut complaints = Complaints::default();
    let args = complaints.catch(args).unwrap_or_else(Args::none);
    let (options, _) = resolve(&args, Attr::Bench, &mut complaints);
    let Kind::Function(function) = &item.kind else {
        let at = match &item.kind {
            Kind::Other(other) => other.at,
            Kind::Block(block) => block.at,
            Kind::Function(function) => function.sig.ident.span(),
        };
        complaints.at(at, format!("`#[bench]` makes a benchmark of a function: {BENCH_SHAPE}"));
        return Err(complaints.0.unwrap_or_else(|| Error::new(at, BENCH_SHAPE)));
    };
    for (at, what) in bench_obstacles(function) {
        complaints.at(at, format!("a benchmark {what}: {BENCH_SHAPE}"));
    }
    let cfgs = item.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    complaints.finish(Bench { cfgs, ident: &function.sig.ident, options })
}

const BENCH_SHAPE: &str = "write it like `fn insert(b: &mut Bencher) { ... }`";

/// What keeps a function from being a plain `fn(&mut Bencher)`, and where.
fn bench_obstacles(function: &Function) -> Vec<(Span, &'static str)> {
    let sig = &function.sig;
    let mut found = Vec::new();
    found.extend(sig.constness.as_ref().map(|token| (token.span, "cannot be `const`")));
    found.extend(sig.asyncness.as_ref().map(|token| (token.span, "cannot be `async`")));
    if let Safety::Unsafe(token) = &sig.safety {
        found.push((token.span, "cannot be `unsafe`"));
    }
    found.extend(sig.abi.as_ref().map(|abi| (abi.span(), "cannot be `extern`")));
    if sig.generics.lt_token.is_some() || sig.generics.where_clause.is_some() {
        found.push((sig.generics.span(), "cannot be generic"));
    }
    if let Some(receiver) = sig.receiver() {
        found.push((receiver.span(), "cannot be a method"));
    } else if sig.inputs.len() != 1 || sig.variadic.is_some() {
        found.push((sig.paren_token.span.join(), "takes exactly one argument"));
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        found.push((ty.span(), "returns nothing"));
    }
    if function.body.is_none() {
        found.push((sig.ident.span(), "needs a body"));
    }
    found
}

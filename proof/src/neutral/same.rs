//! For tests: what two texts have in common.

use quote::ToTokens;
use syn::{ImplItem, Item};

/// The items of a text, those of its `impl`s among them, sorted: their order and what lies between them do not count.
pub fn items(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut items: Vec<String> = file.items.into_iter().map(sorted).collect();
    items.sort();
    items
}

fn sorted(mut item: Item) -> String {
    if let Item::Impl(item) = &mut item {
        item.items.sort_by_key(|inner: &ImplItem| inner.to_token_stream().to_string());
    }
    item.to_token_stream().to_string()
}

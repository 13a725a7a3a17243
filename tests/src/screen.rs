//! What may reach a screen, and texts that try to bring more.

use crate::Ended;

/// Colours and emphasis of `cargo darwin`, with the escape that ends them.
const OWN: [&str; 11] = [
    "\x1b[0m",
    "\x1b[1m",
    "\x1b[2m",
    "\x1b[31m",
    "\x1b[32m",
    "\x1b[33m",
    "\x1b[1;1m",
    "\x1b[1;2m",
    "\x1b[1;31m",
    "\x1b[1;32m",
    "\x1b[1;33m",
];

/// 300 texts that terminals or readers would be led astray by; the renderers are tested with the same.
pub fn payloads() -> Vec<String> {
    let list = include_str!("../../cargo-darwin/src/render/hostile.json");
    serde_json::from_str(list).expect("the list is JSON")
}

/// Many of them as one text, with blanks between, so that none takes the next along.
pub fn all_together() -> String {
    payloads().join(" x ")
}

/// What is left of it where a zero byte cannot be, such as in an argument.
pub fn without_zero(text: &str) -> String {
    text.replace('\0', "")
}

/// The first character that a terminal would obey, or that changes the reading order, beside our own colours.
pub fn first_raw(text: &str) -> Option<char> {
    let rest = OWN.iter().fold(text.to_owned(), |rest, own| rest.replace(own, ""));
    let is_hidden = |c: char| {
        let code = u32::from(c);
        matches!(code, 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f)
            || matches!(code, 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
    };
    rest.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || is_hidden(*c))
}

impl Ended {
    /// Itself, for what is asked next.
    ///
    /// # Panics
    /// When it wrote what a terminal would obey, or what changes the reading order.
    #[track_caller]
    pub fn expect_harmless(self) -> Ended {
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if let Some(raw) = first_raw(text) {
                panic!("{raw:?} reached {name}: {self:?}");
            }
        }
        self
    }
}

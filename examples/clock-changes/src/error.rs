//! What can be wrong with a file of the database.

use std::fmt;

/// Why a file is not what [RFC 9636] describes, or not what this program reads.
///
/// [RFC 9636]: https://www.rfc-editor.org/rfc/rfc9636
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It does not begin with the four letters `TZif`, in one of its two parts.
    NoMagic,
    /// It is of the first version, which has neither 64-bit times nor a rule.
    TooOld,
    /// It ends before this byte that must be there.
    Ends {
        /// Place of the byte.
        at: usize,
    },
    /// A change is to a kind of local time that the file does not describe, or it describes none.
    NoSuchKind,
    /// The rule for later years is not of the form `EST5EDT,M3.2.0,M11.1.0`.
    Rule(String),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMagic => write!(f, "it does not begin with `TZif`: is it a compiled time zone file?"),
            Self::TooOld => write!(f, "it is of version 1: compile it with a zic of 2007 or later"),
            Self::Ends { at } => write!(f, "it ends before byte {at}"),
            Self::NoSuchKind => write!(f, "a change leads to a kind of local time that it does not describe"),
            Self::Rule(rule) => write!(f, "its rule `{rule}` is not of the form `EST5EDT,M3.2.0,M11.1.0`"),
        }
    }
}

impl std::error::Error for Malformed {}

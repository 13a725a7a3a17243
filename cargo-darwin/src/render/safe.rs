//! Text from outside, made harmless for where it will stand: terminals obey escapes, Markdown obeys punctuation, and
//! bidirectional overrides make a reader see another order than the bytes have (CVE-2021-42574, CVE-2024-52005).

use super::paint::{Paint, own_escape};

/// One line: escapes and invisible characters are gone, line breaks and tabs are spaces.
pub fn line(text: &str) -> String {
    visible(text).chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }).collect()
}

/// Several lines: escapes and invisible characters are gone, line breaks and tabs stay.
pub fn text(text: &str) -> String {
    visible(text)
}

/// What we are about to write: our own colours, if there are any, and of everything else what [`text`] leaves of it. The
/// last of two nets: whoever puts foreign text into a line of ours uses [`line()`], or its colours would pass as ours.
pub fn screen(output: &str, paint: Paint) -> String {
    if paint == Paint::Plain {
        return text(output);
    }
    let (mut out, mut rest) = (String::with_capacity(output.len()), output);
    while let Some(at) = rest.find('\x1b') {
        let (before, escape) = rest.split_at(at);
        out.push_str(&visible(before));
        rest = match own_escape(escape) {
            Some(own) => {
                out.push_str(own);
                &escape[own.len()..]
            }
            None => {
                let mut behind = escape[1..].chars();
                skip_escape(&mut behind);
                behind.as_str()
            }
        };
    }
    out + &visible(rest)
}

/// One line of Markdown that reads as the text does: nothing in it is markup, also in a table cell.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Entities, because the table cell is split at `|` before backslashes are looked at.
            '|' => out.push_str("&#124;"),
            '\\' => out.push_str("&#92;"),
            '`' => out.push_str("&#96;"),
            '*' | '_' | '[' | ']' | '~' | '#' | '!' | '$' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// A sentence of ours for Markdown: what stands between backticks is a code span, all else is text.
pub fn markdown_prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return markdown(text);
    }
    let piece =
        |(at, piece): (usize, &&str)| if at % 2 == 0 { markdown(piece) } else { markdown_code(piece) };
    pieces.iter().enumerate().map(piece).collect()
}

/// A name for Markdown: a code span, also right in a table cell. A name with characters that a span cannot hold in
/// every place is escaped text instead.
pub fn markdown_code(name: &str) -> String {
    let name = line(name);
    let name = name.trim();
    if name.is_empty() || name.contains(['`', '|', '\\']) { markdown(name) } else { format!("`{name}`") }
}

/// Several lines for Markdown: a fenced block, with a fence longer than any run of backticks within.
pub fn markdown_block(block: &str) -> String {
    let block = text(block);
    let longest = block.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", block.trim_end())
}

/// A JSON document in which what a terminal would obey is written as `\u....`. JSON itself escapes only the controls
/// below U+0020; all the others can stand nowhere but in strings, so the document stays the same document.
pub fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if is_unsafe(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' => skip_escape(&mut rest),
            '\u{9b}' => skip_control_sequence(&mut rest),
            c if is_unsafe(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Drops the rest of an escape sequence (ECMA-48, 5.3 and 5.4). The text of a string command such as a window title
/// stays: where its end is missing, everything after it would be lost.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    match ahead.next() {
        Some('[') => {
            *rest = ahead;
            skip_control_sequence(rest);
        }
        Some(' '..='~') => *rest = ahead,
        _ => {}
    }
}

/// Drops parameters, intermediates and the final character of a control sequence, and nothing that is not one.
fn skip_control_sequence(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        match c {
            ' '..='?' => {}
            '@'..='~' => {
                *rest = ahead;
                return;
            }
            _ => return,
        }
    }
}

/// Controls other than newline and tab, and characters that are not seen but change what is seen.
fn is_unsafe(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t');
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    control || invisible
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn harmless(text: &str) -> bool {
        !text.chars().any(|c| is_unsafe(c) || c == '\x1b')
    }

    #[test]
    fn an_escape_goes_as_a_whole_and_the_text_around_it_stays() {
        assert_eq!(line("a\x1b[31;1mred\x1b[0m b"), "ared b");
        assert_eq!(line("a\u{9b}2Jb"), "ab");
        assert_eq!(line("\x1b]0;title\x07x"), "0;titlex");
        assert_eq!(line("cut off \x1b["), "cut off ");
        assert_eq!(line("cut off \x1b[12"), "cut off 12");
    }

    #[test]
    fn overrides_of_the_reading_order_are_gone() {
        assert_eq!(line("user\u{202e}nimda\u{2066}\u{200b}"), "usernimda");
    }

    #[test]
    fn a_line_has_no_line_break_and_a_text_keeps_its_own() {
        assert_eq!(line("a\nb\tc\r\n"), "a b c ");
        assert_eq!(text("a\nb\tc\r\n"), "a\nb\tc\n");
    }

    #[test]
    fn only_our_own_colours_reach_a_coloured_screen_and_none_a_plain_one() {
        let output = "\x1b[1;31mREJECT\x1b[0m: \x1b[2Ja\x1b[8mb\x1b]0;t\x07\u{202e}c\r\td\n\x1b";
        assert_eq!(screen(output, Paint::Ansi), "\x1b[1;31mREJECT\x1b[0m: ab0;tc\td\n");
        assert_eq!(screen(output, Paint::Plain), "REJECT: ab0;tc\td\n");
    }

    #[test]
    fn what_is_left_of_an_escape_never_joins_into_another() {
        for torn in ["\x1b\x1b[2J", "\x1b\u{200b}[31m", "\x1b[3\x1b[0m1m", "\x1b[\x1b[31mm", "\u{9b}\u{9b}2J"]
        {
            let seen = screen(torn, Paint::Ansi).replace("\x1b[0m", "").replace("\x1b[31m", "");
            assert!(harmless(&seen), "{torn:?} gave {seen:?}");
            assert!(harmless(&text(torn)), "{torn:?}");
        }
    }

    #[test]
    fn markup_in_a_name_is_text() {
        assert_eq!(markdown("<b>|`*_x_*`|"), "&lt;b&gt;&#124;&#96;\\*\\_x\\_\\*&#96;&#124;");
        assert_eq!(markdown_code("<m::Foo<_> as m::Tr>::t"), "`<m::Foo<_> as m::Tr>::t`");
        assert_eq!(markdown_code("a`|b"), "a&#96;&#124;b");
    }

    #[test]
    fn a_command_in_a_sentence_is_a_code_span() {
        assert_eq!(markdown_prose("run `cargo darwin_x`, <b>"), "run `cargo darwin_x`, &lt;b&gt;");
        assert_eq!(markdown_prose("one ` alone_"), "one &#96; alone\\_");
        assert_eq!(markdown_prose("`a|b`"), "a&#124;b");
    }

    #[test]
    fn a_block_cannot_be_left_from_within() {
        assert_eq!(markdown_block("a\n```\nb\n"), "````text\na\n```\nb\n````\n");
    }

    #[test]
    fn json_keeps_its_meaning_without_the_characters_themselves() {
        let value = "a\x1b[0m\u{202e}\u{9b}\u{7f}\u{e0001}é";
        let document = json(&serde_json::to_string(value).unwrap());
        assert!(harmless(&document), "{document}");
        assert_eq!(serde_json::from_str::<String>(&document).unwrap(), value);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_whatever_gets_a_control_character_through(input in any::<String>()) {
            prop_assert!(harmless(&line(&input)));
            prop_assert!(harmless(&text(&input)));
            prop_assert!(harmless(&markdown(&input)));
            prop_assert!(harmless(&markdown_code(&input)));
            prop_assert!(harmless(&markdown_prose(&input)));
            prop_assert!(harmless(&markdown_block(&input)));
            prop_assert!(harmless(&screen(&input, Paint::Plain)));
        }

        #[test]
        fn ordinary_names_pass_unchanged(name in "[a-zA-Z_][a-zA-Z0-9_:<>&, ]{0,40}") {
            prop_assert_eq!(line(&name), name);
        }
    }
}

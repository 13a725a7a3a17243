//! Sentences that differ in one word are one sentence: fifty workloads need not say fifty times how they are judged.

/// Words that are listed before "and N more".
const LISTED: usize = 4;

/// The sentences in order, those that differ in the same single word as one: `a is new (also: b, c and 7 more)`.
pub(super) fn sentences(all: &[String]) -> Vec<String> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for sentence in all {
        if !groups.iter_mut().any(|group| group.takes(sentence)) {
            groups.push(Group { words: sentence.split(' ').collect(), varies: None, others: Vec::new() });
        }
    }
    groups.iter().map(Group::sentence).collect()
}

/// `a, b, c, d and 3 more`; `all` names all of them.
pub(super) fn listed(names: &[String], all: bool) -> String {
    let shown = if all || names.len() <= LISTED + 1 { names.len() } else { LISTED };
    let more = names.len() - shown;
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names[..shown].join(", "))
}

struct Group<'a> {
    words: Vec<&'a str>,
    /// The word in which the others differ from the first.
    varies: Option<usize>,
    others: Vec<String>,
}

impl<'a> Group<'a> {
    /// Takes a sentence in that is the first one, but for the word that varies.
    fn takes(&mut self, sentence: &'a str) -> bool {
        let words: Vec<&str> = sentence.split(' ').collect();
        if words == self.words || words.len() != self.words.len() {
            return words == self.words;
        }
        let mut differing = (0..words.len()).filter(|&at| words[at] != self.words[at]);
        let (Some(at), None) = (differing.next(), differing.next()) else { return false };
        // A sentence of one word has nothing in common with another.
        let takes = words.len() > 1 && self.varies.is_none_or(|varies| varies == at);
        if takes {
            self.varies = Some(at);
            self.others.push(words[at].to_owned());
        }
        takes
    }

    fn sentence(&self) -> String {
        let first = self.words.join(" ");
        if self.others.is_empty() {
            first
        } else {
            format!("{first} (also: {})", listed(&self.others, false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(all: &[&str]) -> Vec<String> {
        sentences(&all.iter().map(|&sentence| sentence.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn sentences_that_differ_in_one_word_are_said_once() {
        let notes = ["a is judged by whole runs", "counts decide", "b is judged by whole runs"];
        assert_eq!(grouped(&notes), ["a is judged by whole runs (also: b)", "counts decide"]);
    }

    #[test]
    fn the_word_that_varies_is_always_the_same_one() {
        let notes = ["a is new", "b is new", "a is old"];
        assert_eq!(grouped(&notes), ["a is new (also: b)", "a is old"]);
        assert_eq!(grouped(&["a", "b"]), ["a", "b"]);
    }

    #[test]
    fn the_same_sentence_twice_is_said_once() {
        assert_eq!(grouped(&["a is new", "a is new"]), ["a is new"]);
    }

    #[test]
    fn a_long_list_is_cut() {
        let notes: Vec<String> = (0..9).map(|n| format!("workload w{n} is new")).collect();
        assert_eq!(sentences(&notes), ["workload w0 is new (also: w1, w2, w3, w4 and 4 more)"]);
        let names: Vec<String> = (0..5).map(|n| n.to_string()).collect();
        assert_eq!(listed(&names, false), "0, 1, 2, 3, 4", "one more would need as much room");
    }
}

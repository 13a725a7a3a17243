//! What git tells a pre-push hook on standard input: a line for each reference, `LOCAL-REF LOCAL-HASH REMOTE-REF REMOTE-HASH`
//! (githooks(5)).

/// A reference that is pushed, or removed at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefLine {
    /// What is pushed, as the user named it: `refs/heads/main`, or a hash; `(delete)` for a removal.
    pub local: String,
    /// What is pushed, a full hash; `None` for a removal.
    pub hash: Option<String>,
    /// The reference at the other end.
    pub remote: String,
    /// What it is there now; `None` for a new one.
    pub known: Option<String>,
}

/// Something that is to be judged: one commit, whatever number of references it is pushed under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// For messages: `refs/heads/main`.
    pub names: Vec<String>,
    /// A revision.
    pub revision: String,
    /// What the other end has under these names.
    pub known: Vec<String>,
}

/// The lines; those that are none of git's are left out, as an empty input is.
pub fn parse_refs(input: &str) -> Vec<RefLine> {
    input.lines().filter_map(ref_line).collect()
}

fn ref_line(line: &str) -> Option<RefLine> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [local, hash, remote, known] = words.as_slice() else { return None };
    let hash_of = |word: &str| word.bytes().any(|digit| digit != b'0').then(|| word.to_owned());
    let is_hash = |word: &str| word.len() >= 40 && word.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_hash(hash) && is_hash(known)).then(|| RefLine {
        local: (*local).to_owned(),
        hash: hash_of(hash),
        remote: (*remote).to_owned(),
        known: hash_of(known),
    })
}

impl Pushed {
    /// What the lines push, each commit once; removals push nothing.
    pub fn of(lines: &[RefLine]) -> Vec<Pushed> {
        let mut all: Vec<Pushed> = Vec::new();
        for line in lines {
            let Some(hash) = &line.hash else { continue };
            let known = line.known.iter().cloned();
            match all.iter_mut().find(|pushed| pushed.revision == *hash) {
                Some(pushed) => {
                    pushed.names.push(line.local.clone());
                    pushed.known.extend(known);
                }
                None => all.push(Pushed {
                    names: vec![line.local.clone()],
                    revision: hash.clone(),
                    known: known.collect(),
                }),
            }
        }
        all
    }

    /// A revision that no line of git's names.
    pub fn revision(revision: &str, known: Option<String>) -> Pushed {
        Pushed {
            names: vec![revision.to_owned()],
            revision: revision.to_owned(),
            known: known.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "0000000000000000000000000000000000000000";

    fn hash(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    #[test]
    fn several_references_of_one_commit_are_judged_once() {
        let input = format!(
            "refs/heads/main {a} refs/heads/main {b}\nrefs/tags/v1 {a} refs/tags/v1 {ZERO}\nrefs/heads/x {c} refs/heads/x {ZERO}\n",
            a = hash('a'),
            b = hash('b'),
            c = hash('c'),
        );
        let pushed = Pushed::of(&parse_refs(&input));
        let expected = Pushed {
            names: vec!["refs/heads/main".into(), "refs/tags/v1".into()],
            revision: hash('a'),
            known: vec![hash('b')],
        };
        assert_eq!(
            pushed,
            [expected, Pushed { names: vec!["refs/heads/x".into()], revision: hash('c'), known: vec![] }]
        );
    }

    #[test]
    fn a_removal_pushes_nothing() {
        let input = format!("(delete) {ZERO} refs/heads/old {}\n", hash('b'));
        let lines = parse_refs(&input);
        assert_eq!((lines.len(), lines[0].hash.as_ref()), (1, None));
        assert_eq!(Pushed::of(&lines), []);
    }

    #[test]
    fn hashes_of_sha_256_are_read_and_anything_else_is_not() {
        let (long, zero) = ("a".repeat(64), "0".repeat(64));
        assert_eq!(parse_refs(&format!("HEAD {long} refs/heads/x {zero}")).len(), 1);
        for line in [
            "",
            "\n",
            "a b c d",
            "refs/heads/main",
            &format!("a {long} b {zero} c"),
            "HEAD --all refs/x --all",
        ] {
            assert_eq!(parse_refs(line), [], "{line}");
        }
    }
}

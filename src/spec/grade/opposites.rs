//! Words that turn a demand round when one takes the place of the other.

/// Words that turn a demand round when one takes the place of the other.
#[rustfmt::skip]
const OPPOSITES: &[(&str, &str)] = &[
    ("and", "or"), ("if", "unless"), ("true", "false"), ("on", "off"), ("yes", "no"), ("enable", "disable"),
    ("enabled", "disabled"), ("enables", "disables"), ("allow", "deny"), ("allowed", "denied"), ("allow", "forbid"),
    ("allow", "refuse"), ("accept", "reject"), ("accepts", "rejects"), ("accepted", "rejected"),
    ("include", "exclude"), ("includes", "excludes"), ("included", "excluded"), ("including", "excluding"),
    ("inclusive", "exclusive"), ("first", "last"), ("start", "end"), ("begin", "end"), ("open", "closed"),
    ("success", "failure"), ("succeeds", "fails"), ("public", "private"), ("internal", "external"),
    ("increase", "decrease"), ("add", "remove"), ("added", "removed"), ("create", "delete"), ("left", "right"),
    ("upper", "lower"), ("early", "late"), ("same", "different"), ("present", "absent"), ("always", "never"),
    ("read", "write"), ("lock", "unlock"), ("locked", "unlocked"), ("with", "without"), ("positive", "negative"),
    ("ascending", "descending"), ("newest", "oldest"), ("shortest", "longest"), ("strict", "lax"),
    ("synchronous", "asynchronous"), ("synchronously", "asynchronously"), ("opt-in", "opt-out"), ("in", "out"),
    ("big", "little"), ("uppercase", "lowercase"), ("input", "output"), ("inbound", "outbound"),
    ("incoming", "outgoing"), ("source", "destination"), ("client", "server"), ("sender", "receiver"),
    ("sender", "recipient"), ("request", "response"), ("prefix", "suffix"), ("previous", "next"),
    ("preceding", "following"), ("parent", "child"), ("append", "prepend"), ("encrypt", "decrypt"),
    ("encode", "decode"), ("permit", "deny"), ("open", "close"), ("opens", "closes"), ("starts", "ends"),
    ("pass", "fail"), ("passes", "fails"), ("even", "odd"), ("static", "dynamic"), ("stateful", "stateless"),
    ("subset", "superset"), ("forward", "backward"), ("local", "remote"), ("allows", "denies"),
];

/// Beginnings that turn a word into its opposite: `valid`, `invalid`.
const NEGATING: &[&str] = &["un", "in", "im", "ir", "il", "non", "dis", "de", "mis", "not"];

/// Whether one word says the opposite of the other, both in lower case.
pub(super) fn are_opposites(a: &str, b: &str) -> bool {
    let negates =
        |a: &str, b: &str| a.len() >= 4 && NEGATING.iter().any(|not| b.strip_prefix(not).is_some_and(|rest| rest == a));
    OPPOSITES.iter().any(|&(x, y)| (a, b) == (x, y) || (a, b) == (y, x)) || negates(a, b) || negates(b, a)
}

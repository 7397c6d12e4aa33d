//! Whether two words are one word, written otherwise.

/// Whether two words are one in another form or spelling: the same first three letters, at most two edits apart, and
/// what differs is an ending of grammar or a slip of the pen. A changed ending that makes another word (`aggregator`,
/// `aggregation`; `use`, `user`) or an exchanged consonant (`contract`, `contrast`) is neither.
pub(super) fn near(a: &str, b: &str) -> bool {
    slipped(a, b) || (is_comparable(a, b) && !has_hump(a) && !has_hump(b) && is_inflected(a, b))
}

/// Whether they differ by a slip of the pen alone, of which a text may have any number without saying anything else.
pub(super) fn slipped(a: &str, b: &str) -> bool {
    let is_name = |word: &str| word.contains('_');
    let doubled = || a.len() != b.len() && a.len().min(b.len()) >= LONG_FOR_DOUBLED && undoubled(a).eq(undoubled(b));
    (is_comparable(a, b) && is_slip(a, b)) || is_turned(a, b) || (!is_name(a) && !is_name(b) && doubled())
}

/// `i` and `e` that changed places in a word of this length make no other word (`thier`); other letters may (`trial`).
const LONG_FOR_TURNED: usize = 5;

/// Whether two words differ in one `ie` that is an `ei`, behind the first letter.
fn is_turned(a: &str, b: &str) -> bool {
    let is_word = |word: &str| word.len() >= LONG_FOR_TURNED && word.bytes().all(|c| c.is_ascii_alphabetic());
    let front = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let at = |word: &str| word.get(front..front + 2).map(str::to_owned);
    let turned = matches!((at(a).as_deref(), at(b).as_deref()), (Some("ie"), Some("ei")) | (Some("ei"), Some("ie")));
    turned && front > 0 && is_word(a) && !has_hump(a) && !has_hump(b) && a.get(front + 2..) == b.get(front + 2..)
}

fn is_comparable(a: &str, b: &str) -> bool {
    let alike = a.chars().take(3).eq(b.chars().take(3)) && a.chars().count() >= 3;
    alike && !a.contains('_') && !b.contains('_') && within(a, b, 2)
}

/// A word's letters, each run of the same one taken for one.
fn undoubled(word: &str) -> impl Iterator<Item = char> + '_ {
    let mut before = None;
    word.chars().filter(move |&c| before.replace(c) != Some(c))
}

/// Among the first three letters a doubled one makes no other word of this length and more (`ommitted`).
const LONG_FOR_DOUBLED: usize = 6;

/// Whether a capital stands behind a small letter: the name of a type or field (`foldingRange`), which has no plural.
fn has_hump(word: &str) -> bool {
    word.chars().zip(word.chars().skip(1)).any(|(x, y)| x.is_lowercase() && y.is_uppercase())
}

/// Endings that make no other word: number, person, tense, adverb, possession.
const ENDINGS: &[&str] = &["", "s", "es", "'s", "s'", "d", "ed", "ing", "e", "y", "ies", "ied", "ly"];

/// Whether two words share a stem of three letters or more and differ in an ending of grammar.
fn is_inflected(a: &str, b: &str) -> bool {
    let shared: usize = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    // a doubled last letter belongs to the ending: `stop`, `stopped`
    let ending = |word: &str| ENDINGS.contains(&&word[shared..]);
    let from = |at: usize, word: &str| word.get(at..).is_some_and(|end| ENDINGS.contains(&end));
    (ending(a) && ending(b)) || (shared > 3 && from(shared - 1, a) && from(shared - 1, b))
}

/// A vowel put in or left out before the last letter of so long a word makes no other word (`specifiy`).
const LONG_FOR_VOWELS: usize = 8;
/// A consonant put in or left out of so long a word makes no other word (`expessions`); `contract` and `contact` are two.
const LONG_FOR_CONSONANTS: usize = 9;

/// Whether two words differ by a slip of the pen or the country of the writer: letters that changed places, a doubled
/// letter, a vowel before the last two letters, and in a long word any letter left out or put in.
fn is_slip(a: &str, b: &str) -> bool {
    let british = |word: &str| word.replace("our", "or").replace("iz", "is").replace("yz", "ys");
    if british(a) == british(b) {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    let vowel = |c: &char| "aeiouy".contains(*c);
    match (x, y) {
        ([x1, x2], [y1, y2]) if x1 == y2 && x2 == y1 => true,
        ([], [c]) | ([c], []) => {
            let longer = if x.is_empty() { &b } else { &a };
            let doubled = front > 0 && longer[front - 1] == *c || longer.get(front + 1) == Some(c);
            let long = if vowel(c) { LONG_FOR_VOWELS } else { LONG_FOR_CONSONANTS };
            doubled || (back >= 2 && vowel(c)) || (back >= 1 && longer.len() >= long)
        }
        (x, y) => back >= 2 && x.len() <= 2 && y.len() <= 2 && x.iter().chain(y).all(vowel),
    }
}

/// Whether the Levenshtein distance is at most `most`.
fn within(a: &str, b: &str, most: usize) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most || a.len() > 64 {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = cost.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()] <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_or_a_slip_is_the_same_word() {
        for (a, b) in [
            ("error", "errors"),
            ("evolve", "evolves"),
            ("process", "processes"),
            ("stop", "stops"),
            ("accept", "accepted"),
            ("caller's", "callers"),
            ("recieved", "received"),
            ("acknoledgement", "acknowledgement"),
            ("canonical", "cannonical"),
            ("seperated", "separated"),
            ("expessions", "expressions"),
            ("inclucding", "including"),
            ("explicitely", "explicitly"),
            ("specifiy", "specify"),
            ("functoins", "functions"),
            ("honor", "honour"),
            ("sanitiation", "sanitization"),
            ("occured", "occurred"),
            ("OpenTelementry", "OpenTelemetry"),
            ("APIs", "API"),
            ("ommitted", "omitted"),
            ("thier", "their"),
            ("wierd", "weird"),
        ] {
            assert!(near(a, b) && near(b, a), "{a} / {b}");
        }
    }

    #[test]
    fn another_word_is_another_word() {
        for (a, b) in [
            ("aggregator", "aggregation"),
            ("contract", "contrast"),
            ("contract", "contact"),
            ("use", "user"),
            ("parse", "parser"),
            ("encoder", "encoded"),
            ("access", "accept"),
            ("session", "season"),
            ("trainer", "trainee"),
            ("import", "importer"),
            ("request", "require"),
            ("inner", "input"),
            ("format", "former"),
            ("consumer", "consumed"),
            ("OTEL_TRACE_EXPORTER", "OTEL_TRACES_EXPORTER"),
            ("textDocument/foldingRanges", "textDocument/foldingRange"),
            ("MetaListPath", "MetaListPaths"),
            ("trial", "trail"),
            ("casual", "causal"),
            ("lie", "lei"),
        ] {
            assert!(!near(a, b) && !near(b, a), "{a} / {b}");
        }
    }
}

//! Runs of lines.

use std::fmt;
use std::ops::Deref;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A run of lines, 1-based and inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First line.
    pub first: u32,
    /// Last line.
    pub last: u32,
}

/// Runs of lines in order. Nearly every clause has one, which needs no allocation.
#[derive(Clone, Debug, PartialEq)]
pub enum Spans {
    /// One run.
    One([Span; 1]),
    /// None or several.
    More(Box<[Span]>),
}

impl Spans {
    /// The same with `above` lines put above the first one.
    #[must_use]
    pub fn below(&self, above: u32) -> Spans {
        let shift = |span: &Span| Span { first: span.first + above, last: span.last + above };
        match self {
            Spans::One([span]) => Spans::One([shift(span)]),
            Spans::More(spans) => Spans::More(spans.iter().map(shift).collect()),
        }
    }
}

impl From<Vec<Span>> for Spans {
    fn from(spans: Vec<Span>) -> Spans {
        match spans[..] {
            [span] => Spans::One([span]),
            _ => Spans::More(spans.into()),
        }
    }
}

impl Deref for Spans {
    type Target = [Span];

    fn deref(&self) -> &[Span] {
        match self {
            Spans::One(spans) => spans,
            Spans::More(spans) => spans,
        }
    }
}

impl<'s> IntoIterator for &'s Spans {
    type Item = &'s Span;
    type IntoIter = std::slice::Iter<'s, Span>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// As a list.
impl Serialize for Spans {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de> Deserialize<'de> for Spans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Spans, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Spans;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of runs of lines")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Spans, A::Error> {
        let Some(first) = list.next_element()? else { return Ok(Spans::from(Vec::new())) };
        let Some(second) = list.next_element()? else { return Ok(Spans::One([first])) };
        let mut all = vec![first, second];
        while let Some(next) = list.next_element()? {
            all.push(next);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_kept_as_a_list() {
        for count in 0..4 {
            let runs: Vec<Span> = (0..count).map(|n| Span { first: 3 * n + 1, last: 3 * n + 2 }).collect();
            let spans = Spans::from(runs.clone());
            let bytes = postcard::to_allocvec(&spans).unwrap();
            assert_eq!(bytes, postcard::to_allocvec(&runs).unwrap());
            assert_eq!(postcard::from_bytes::<Spans>(&bytes).unwrap(), spans);
            assert_eq!(*spans, runs[..]);
        }
    }
}

//! Tokens that are compared quickly, for texts are long and differ in little.

use super::Token;

/// A token that nearly always differs from another one in its head, which compares as a number.
#[derive(Clone, Copy)]
pub(super) struct Quick<'t> {
    /// The first seven bytes and, above them, the length.
    head: u64,
    pub token: Token<'t>,
}

impl<'t> Quick<'t> {
    pub fn of(token: Token<'t>) -> Self {
        const HEAD: u64 = u64::MAX >> 8;
        let text = token.text.as_bytes();
        let head = match text.first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first) & HEAD,
            None => text.iter().take(7).rev().fold(0, |head, &byte| head << 8 | u64::from(byte)),
        };
        Quick { head: head | u64::from(text.len() as u8) << 56, token }
    }
}

impl PartialEq for Quick<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head && self.token == other.token
    }
}

impl Eq for Quick<'_> {}

impl std::hash::Hash for Quick<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.token.hash(state);
    }
}

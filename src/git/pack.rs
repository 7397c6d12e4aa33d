//! New objects, put into the repository by one `git unpack-objects`.
//!
//! git2 writes only into a repository that it has opened itself, and then has its own mind about extensions, owners and
//! permissions; its object database alone, as it is used here, takes nothing. So ids are computed here, and git stores:
//! with the permissions, the syncing and the quarantine that it would give its own objects.

use std::collections::HashMap;
use std::sync::Arc;

use git2::{ObjectFormat, ObjectType};
use sha2::Digest as _;

use super::objects::Kind;
use super::{GitError, Oid, Repo, Result};

/// Most bytes of a stored block of zlib (RFC 1951, 3.2.4).
const BLOCK: usize = 65_535;

/// Objects that are not in the repository yet.
pub(super) struct NewObjects {
    sha256: bool,
    count: u32,
    bodies: Vec<u8>,
    trees: HashMap<Oid, Arc<Vec<u8>>>,
}

impl NewObjects {
    /// None yet.
    pub(super) fn new(sha256: bool) -> Self {
        Self { sha256, count: 0, bodies: Vec::new(), trees: HashMap::new() }
    }

    /// Adds an object and tells its id.
    pub(super) fn add(&mut self, kind: Kind, content: &[u8]) -> Result<Oid> {
        let (number, kind) = match kind {
            Kind::Commit => (1, ObjectType::Commit),
            Kind::Tree => (2, ObjectType::Tree),
            Kind::Blob => (3, ObjectType::Blob),
            Kind::Tag => (4, ObjectType::Tag),
        };
        let format = if self.sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
        let refused = |problem: String| GitError::bad_output("libgit2", problem);
        let oid = git2::Oid::hash_object_ext(kind, content, format).map_err(|error| refused(error.to_string()))?;
        self.head(number, content.len());
        deflate(content, &mut self.bodies);
        self.count += 1;
        let oid = Oid::from_raw(oid.as_bytes()).map_err(|error| refused(error.to_string()))?;
        if number == 2 {
            self.trees.insert(oid, Arc::new(content.to_vec()));
        }
        Ok(oid)
    }

    /// A tree that was added, for it is not in the repository yet.
    pub(super) fn tree(&self, oid: Oid) -> Option<Arc<Vec<u8>>> {
        self.trees.get(&oid).cloned()
    }

    /// Kind and size, four bits and then seven to a byte (gitformat-pack(5)).
    fn head(&mut self, number: u8, mut size: usize) {
        let mut byte = number << 4 | (size & 0xf) as u8;
        size >>= 4;
        while size > 0 {
            self.bodies.push(byte | 0x80);
            byte = (size & 0x7f) as u8;
            size >>= 7;
        }
        self.bodies.push(byte);
    }

    /// The objects as a pack, which ends in the hash of all before it.
    fn pack(self) -> Vec<u8> {
        let mut pack = Vec::with_capacity(self.bodies.len() + 64);
        pack.extend_from_slice(b"PACK\0\0\0\x02");
        pack.extend_from_slice(&self.count.to_be_bytes());
        pack.extend_from_slice(&self.bodies);
        let hash = if self.sha256 { sha2::Sha256::digest(&pack).to_vec() } else { sha1::Sha1::digest(&pack).to_vec() };
        pack.extend_from_slice(&hash);
        pack
    }
}

/// A zlib stream (RFC 1950) that stores: notes are small, and git packs them anew.
fn deflate(content: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0x78, 0x01]);
    let mut blocks = content.chunks(BLOCK).peekable();
    loop {
        let block = blocks.next().unwrap_or_default();
        let is_last = blocks.peek().is_none();
        let length = block.len() as u16;
        out.push(u8::from(is_last));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
        if is_last {
            break;
        }
    }
    out.extend_from_slice(&adler(content).to_be_bytes());
}

/// Adler-32 (RFC 1950, 8.2).
fn adler(content: &[u8]) -> u32 {
    const BASE: u32 = 65_521;
    // So many bytes can be summed before a sum has to be reduced.
    const RUN: usize = 5552;
    let (mut a, mut b) = (1u32, 0u32);
    for run in content.chunks(RUN) {
        for &byte in run {
            a += u32::from(byte);
            b += a;
        }
        a %= BASE;
        b %= BASE;
    }
    b << 16 | a
}

impl Repo {
    /// Writes objects, all by one process. Nothing refers to them yet.
    ///
    /// # Errors
    ///
    /// [`GitError::GitFailed`] where git cannot store them: no room, no rights.
    pub(super) fn store(&self, objects: NewObjects) -> Result<()> {
        if objects.count > 0 {
            self.git("unpack-objects").arg("-q").feed(objects.pack())?.into_output()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Fixture;
    use super::*;

    #[test]
    fn git_takes_objects_of_every_size_and_hash() {
        for options in [&[][..], &["--object-format=sha256"]] {
            let fixture = Fixture::with(options).unwrap();
            let repo = fixture.repo();
            let mut objects = NewObjects::new(repo.sha256());
            let sizes = [0, 1, 15, 16, 2047, 2048, 65_535, 65_536, 200_000];
            let content = |size: usize| -> Vec<u8> { (0..size).map(|at| (at * 7 % 251) as u8).collect() };
            let ids: Vec<Oid> = sizes.iter().map(|&size| objects.add(Kind::Blob, &content(size)).unwrap()).collect();
            repo.store(objects).unwrap();
            for (size, id) in sizes.into_iter().zip(ids) {
                assert_eq!(repo.blob(id).unwrap(), content(size), "{size}");
            }
            fixture.git(&["fsck", "--strict"]);
        }
    }
}

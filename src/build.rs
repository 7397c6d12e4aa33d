//! Names the parser: a hash over the sources that decide what is understood of a file or commit, so that an index made
//! by others is never read. The same for judgements about links.

use std::path::{Path, PathBuf};

/// What facts depend on. Renderers, commands and the door to Git only hand them on.
const UNDERSTANDING: [&str; 9] = [
    "src/spec",
    "src/trace/facts.rs",
    "src/commands/facts.rs",
    "src/commands/dropped.rs",
    "src/commands/joined.rs",
    "src/commands/source",
    "src/commands/source.rs",
    "src/git/messages.rs",
    "src/index",
];

/// What judgements about links, states and lines depend on: they are kept too, cost little, and are made anew by every other
/// version of the tool.
const JUDGING: [&str; 6] = ["src/spec", "src/trace", "src/commands", "src/git", "src/index", "src/view/facts.rs"];

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rustc-env=GIT_SPEC_PARSER={:032x}", hash_of(&UNDERSTANDING));
    println!("cargo::rustc-env=GIT_SPEC_JUDGING={:032x}", hash_of(&JUDGING));
}

fn hash_of(places: &[&str]) -> u128 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325_cbf2_9ce4_8422_2325);
    for place in places {
        println!("cargo::rerun-if-changed={place}");
        let mut files = Vec::new();
        list(Path::new(place), &mut files);
        files.sort();
        for file in files {
            hash.add(file.to_string_lossy().replace('\\', "/").as_bytes());
            hash.add(&std::fs::read(&file).unwrap_or_default());
        }
    }
    // The parsers of other people's formats count too.
    hash.add(&std::fs::read("Cargo.lock").unwrap_or_default());
    hash.0
}

fn list(place: &Path, files: &mut Vec<PathBuf>) {
    match std::fs::read_dir(place) {
        Ok(entries) => entries.flatten().for_each(|entry| list(&entry.path(), files)),
        Err(_) => files.push(place.to_path_buf()),
    }
}

/// FNV-1a with 128 bits.
struct Fnv(u128);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&[0]) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }
}

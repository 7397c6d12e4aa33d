//! What a clause is called in its file: its id, or a name made of its title and those above it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::clause::Part;

/// Where a part stands in its file.
pub(super) struct Place<'p> {
    pub(super) part: &'p Part,
    pub(super) parent: Option<usize>,
    pub(super) above: u32,
}

type Hashed = foldhash::fast::RandomState;
type Taken<'p> = HashSet<Cow<'p, str>, Hashed>;
type Repeats<'p> = HashMap<Cow<'p, str>, u32, Hashed>;

/// The anchor of each clause: the id verbatim, else the slug of the title, made unique in the file.
pub(super) fn anchors<'p>(placed: &[Place<'p>]) -> Vec<Cow<'p, str>> {
    if placed.iter().all(|place| place.part.named.id.is_none() && place.parent.is_none()) {
        return of_titles_alone(placed);
    }
    let mut taken = Taken::with_capacity_and_hasher(placed.len(), Hashed::default());
    let mut repeats = Repeats::default();
    let ids: Vec<Option<Cow<str>>> = placed
        .iter()
        .map(|place| Some(numbered(Cow::Borrowed(place.part.named.id.as_deref()?), &mut taken, &mut repeats)))
        .collect();
    let candidates = if ids.contains(&None) { candidates(placed, &taken) } else { Vec::new() };
    let mut candidates = candidates.into_iter();
    ids.into_iter()
        .map(|id| match (id, candidates.next()) {
            (Some(id), _) => id,
            (None, candidate) => numbered(candidate.unwrap_or_default(), &mut taken, &mut repeats),
        })
        .collect()
}

/// The same where there are neither ids nor ancestors.
fn of_titles_alone<'p>(placed: &[Place<'p>]) -> Vec<Cow<'p, str>> {
    let mut taken = Taken::with_capacity_and_hasher(placed.len(), Hashed::default());
    let mut repeats = Repeats::default();
    placed.iter().map(|place| numbered(Cow::Borrowed(place.part.slug()), &mut taken, &mut repeats)).collect()
}

/// The slug of each title, behind those of as many ancestors as make it unique; ids are `taken`.
///
/// Names are compared as numbers and written out once: in a hostile file very many clauses of one title stand in each
/// other, and every one of them takes the names of its ancestors before it turns out that nothing helps.
fn candidates<'p>(placed: &[Place<'p>], taken: &Taken<'p>) -> Vec<Cow<'p, str>> {
    let slugs: Vec<&'p str> = placed.iter().map(|place| place.part.slug()).collect();
    let free: Vec<usize> = (0..placed.len()).filter(|&at| placed[at].part.named.id.is_none()).collect();
    let mut seen: HashSet<&str, Hashed> = HashSet::with_capacity_and_hasher(free.len(), Hashed::default());
    if free.iter().all(|&at| seen.insert(slugs[at]) && !taken.contains(slugs[at])) {
        return slugs.into_iter().map(Cow::Borrowed).collect();
    }
    let mut names = Names::default();
    let taken: HashSet<usize, Hashed> = taken.iter().map(|id| names.of_path(id)).collect();
    let segments: Vec<usize> = slugs.iter().map(|slug| names.segment(slug)).collect();
    let mut candidates: Vec<usize> = segments.iter().map(|&segment| names.behind(segment, None)).collect();
    let mut above: Vec<Option<usize>> = placed.iter().map(|place| place.parent).collect();
    for _ in 0..ANCESTORS {
        let mut count: HashMap<usize, u32, Hashed> = HashMap::default();
        free.iter().for_each(|&at| *count.entry(candidates[at]).or_default() += 1);
        let is_taken = |name: &usize| taken.contains(name) || count.get(name).is_some_and(|&count| count > 1);
        let longer: Vec<(usize, usize)> = free
            .iter()
            .filter(|&&at| is_taken(&candidates[at]))
            .filter_map(|&at| above[at].map(|up| (at, up)))
            .collect();
        if longer.is_empty() {
            break;
        }
        for (at, up) in longer {
            candidates[at] = names.behind(segments[up], Some(candidates[at]));
            above[at] = placed[up].parent;
        }
    }
    (0..placed.len())
        .map(|at| {
            let mut path = vec![slugs[at]];
            let mut up = placed[at].parent;
            while up != above[at] {
                let Some(ancestor) = up else { break };
                path.push(slugs[ancestor]);
                up = placed[ancestor].parent;
            }
            if path.len() == 1 {
                return Cow::Borrowed(slugs[at]);
            }
            path.reverse();
            Cow::Owned(path.join("/"))
        })
        .collect()
}

/// Numbers for slugs, and for names such as `parent/child` made of them.
#[derive(Default)]
struct Names<'s> {
    segments: HashMap<&'s str, usize, Hashed>,
    names: HashMap<(usize, Option<usize>), usize, Hashed>,
}

impl<'s> Names<'s> {
    fn segment(&mut self, slug: &'s str) -> usize {
        let next = self.segments.len();
        *self.segments.entry(slug).or_insert(next)
    }

    /// The name of a segment and, below it, of another name.
    fn behind(&mut self, segment: usize, name: Option<usize>) -> usize {
        let next = self.names.len();
        *self.names.entry((segment, name)).or_insert(next)
    }

    fn of_path(&mut self, path: &'s str) -> usize {
        let (last, above) = path.rsplit_once('/').map_or((path, None), |(above, last)| (last, Some(above)));
        let segment = self.segment(last);
        let leaf = self.behind(segment, None);
        above.into_iter().flat_map(|above| above.rsplit('/')).fold(leaf, |name, slug| {
            let segment = self.segment(slug);
            self.behind(segment, Some(name))
        })
    }
}

/// `name`, or `name-2`, `name-3` … where it is taken.
fn numbered<'p>(name: Cow<'p, str>, taken: &mut Taken<'p>, repeats: &mut Repeats<'p>) -> Cow<'p, str> {
    if taken.insert(name.clone()) {
        return name;
    }
    let n = repeats.entry(name.clone()).or_insert(1);
    loop {
        *n += 1;
        let candidate: Cow<str> = Cow::Owned(format!("{name}-{n}"));
        if taken.insert(candidate.clone()) {
            return candidate;
        }
    }
}

/// The slug GitHub gives a heading: lower case, punctuation dropped, spaces to hyphens; cut to [`SLUG`] characters.
pub fn slug(title: &str) -> String {
    let mut out = String::with_capacity(title.len().min(SLUG));
    for c in title.trim().chars() {
        match c {
            ' ' | '\t' | '\n' => out.push('-'),
            '-' | '_' => out.push(c),
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
    if let Some((end, _)) = out.char_indices().nth(SLUG) {
        out.truncate(end);
    }
    if out.is_empty() { "clause".to_owned() } else { out }
}

/// Characters of a slug. GitHub's have no bound, but a name is to be typed and to fit a trailer; the longest of 11,000
/// in eleven real specifications has 184.
pub(super) const SLUG: usize = 256;

/// Ancestors whose slugs may stand before a name: six levels of headings, a marker and an item.
const ANCESTORS: usize = 8;

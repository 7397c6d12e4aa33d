//! Ancestry of small and odd histories, against a plain walk.

use proptest::prelude::*;

use super::*;

fn id(n: u32) -> CommitId {
    let mut raw = [0u8; 20];
    raw[..4].copy_from_slice(&n.wrapping_mul(0x9E37_79B1).to_be_bytes());
    raw[16..].copy_from_slice(&n.to_be_bytes());
    CommitId::from_bytes(&raw).unwrap()
}

/// Commit `n` with parents that are greater numbers, newest first.
fn graph(parents: &[&[u32]]) -> Graph {
    Graph::new(parents.iter().enumerate().map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())))
}

#[test]
fn a_merge_has_both_sides_as_ancestors() {
    // 0 merges 1 and 2, both on 3; 4 is a root of its own, 9 isn't there
    let g = graph(&[&[1, 2], &[3], &[3], &[9], &[]]);
    for (a, b, is) in
        [(0, 0, true), (3, 0, true), (2, 0, true), (1, 2, false), (0, 3, false), (4, 0, false), (3, 4, false)]
    {
        assert_eq!(g.is_ancestor(id(a), id(b)), Some(is), "{a} {b}");
    }
    assert_eq!(g.is_ancestor(id(9), id(0)), None);
    assert_eq!(g.is_ancestor(id(0), id(9)), None);
    assert!(g.contains(id(3)) && !g.contains(id(9)));
    assert_eq!(g.parents(id(0)).collect::<Vec<_>>(), [id(1), id(2)]);
    assert_eq!(g.parents(id(3)).count() + g.parents(id(9)).count(), 0);
    assert_eq!(g.commits().count(), g.len());
}

#[test]
fn prefixes_are_resolved_or_said_to_be_ambiguous() {
    let named = |hex: &str| hex.repeat(40 / hex.len()).parse::<CommitId>().unwrap();
    let (ab, ac, b) = (named("abab"), named("acac"), named("b"));
    let g = Graph::new([(ab, vec![ac]), (ac, vec![]), (b, vec![])]);
    assert_eq!(g.resolve_prefix("ABA"), Ok(Some(ab)));
    assert_eq!(g.resolve_prefix(&b.to_string()), Ok(Some(b)));
    assert_eq!(g.resolve_prefix("a"), Err(Ambiguous(vec![ab, ac])));
    for none in ["", "c", "abc", "xyz", &format!("{b}0")] {
        assert_eq!(g.resolve_prefix(none), Ok(None), "{none}");
    }
}

#[test]
fn odd_input_is_put_right() {
    let empty = Graph::new([]);
    assert!(empty.is_empty() && empty.is_ancestor(id(0), id(0)).is_none());
    let twice = Graph::new([(id(0), vec![id(1)]), (id(1), vec![]), (id(0), vec![])]);
    assert_eq!(twice.len(), 2);
    assert_eq!(twice.is_ancestor(id(1), id(0)), Some(true));
    let circle = Graph::new([(id(0), vec![id(1)]), (id(1), vec![id(0)])]);
    assert_eq!(circle.is_ancestor(id(0), id(0)), Some(true));
}

#[test]
fn a_long_line_with_merges_is_answered_at_once() {
    // even numbers are the trunk, each merging the odd one after it, which branches off two commits below
    let count = 200_000u32;
    let parents = |n: u32| match n {
        n if n + 4 >= count => vec![],
        n if n % 2 == 0 => vec![id(n + 2), id(n + 1)],
        n => vec![id(n + 3)],
    };
    let g = Graph::new((0..count).map(|n| (id(n), parents(n))));
    for n in (0..count - 8).step_by(7) {
        let trunk = n + n % 2;
        assert_eq!(g.is_ancestor(id(trunk), id(0)), Some(true));
        assert_eq!(g.is_ancestor(id(n), id(n - n % 2)), Some(true));
    }
    assert_eq!(g.is_ancestor(id(count / 2 + 1), id(0)), Some(true));
    assert_eq!(g.is_ancestor(id(count / 2 + 1), id(1)), Some(true));
    assert_eq!(g.is_ancestor(id(1), id(3)), Some(false));
}

#[test]
fn a_criss_cross_has_two_merge_bases() {
    // 0 and 1 both merge 2 and 3, which stand on 4
    let g = graph(&[&[2, 3], &[3, 2], &[4], &[4], &[]]);
    let mut bases = g.merge_bases(id(0), id(1)).unwrap();
    bases.sort_unstable();
    let mut both = [id(2), id(3)];
    both.sort_unstable();
    assert_eq!(bases, both);
    assert_eq!(g.between(id(0), &[id(2)], 9), [id(0), id(3)]);
    assert_eq!(g.between(id(0), &[], 2).len(), 2);
}

fn any_history() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(1u32..9, 0..3), 1..25).prop_map(|all| {
        let count = all.len() as u32;
        let below = |(n, steps): (usize, Vec<u32>)| {
            let parents = steps.into_iter().map(|step| n as u32 + step);
            parents.filter(|&p| p < count).collect()
        };
        all.into_iter().enumerate().map(below).collect()
    })
}

fn reachable(parents: &[Vec<u32>], from: u32) -> HashSet<u32> {
    let mut seen = HashSet::new();
    let mut open = vec![from];
    while let Some(n) = open.pop() {
        if seen.insert(n) {
            open.extend(&parents[n as usize]);
        }
    }
    seen
}

proptest! {
    #[test]
    fn a_merge_passes_by_what_one_of_its_sides_does_not_have(parents in any_history()) {
        let g = Graph::new(parents.iter().enumerate()
            .map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())));
        let count = parents.len() as u32;
        let pairs: Vec<(u32, u32)> = (0..count).flat_map(|a| (0..count).map(move |b| (a, b))).collect();
        let ids: Vec<(CommitId, CommitId)> = pairs.iter().map(|&(a, b)| (id(a), id(b))).collect();
        let behind: Vec<HashSet<u32>> = (0..count).map(|at| reachable(&parents, at)).collect();
        for tip in 0..count {
            let passed = g.passed_by(id(tip), &ids);
            for (&(older, newer), passed) in pairs.iter().zip(passed) {
                let has = |at: u32, what: u32| behind[at as usize].contains(&what);
                let expected = behind[tip as usize].iter().any(|&merge| {
                    let sides = &parents[merge as usize];
                    sides.len() > 1 && has(merge, newer) && sides.iter().any(|&side| has(side, older) && !has(side, newer))
                });
                prop_assert_eq!(passed, expected, "{} past {} at {}", older, newer, tip);
            }
        }
    }

    #[test]
    fn merge_bases_are_the_common_ancestors_that_no_other_reaches(parents in any_history()) {
        let g = Graph::new(parents.iter().enumerate()
            .map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())));
        let count = parents.len() as u32;
        for a in 0..count {
            for b in 0..count {
                let common: HashSet<u32> =
                    reachable(&parents, a).intersection(&reachable(&parents, b)).copied().collect();
                let best: HashSet<CommitId> = common.iter().copied()
                    .filter(|&n| !common.iter().any(|&other| other != n && reachable(&parents, other).contains(&n)))
                    .map(id).collect();
                prop_assert_eq!(g.merge_bases(id(a), id(b)).unwrap().into_iter().collect::<HashSet<_>>(), best);
            }
        }
    }

    #[test]
    fn ancestry_is_reachability_in_any_order(parents in any_history(), shuffle in any::<u64>()) {
        let mut commits: Vec<(CommitId, Vec<CommitId>)> = parents.iter().enumerate()
            .map(|(n, p)| (id(n as u32), p.iter().copied().map(id).collect())).collect();
        let ordered = Graph::new(commits.clone());
        let len = commits.len();
        for at in 0..len {
            commits.swap(at, (shuffle.rotate_left(at as u32) % len as u64) as usize);
        }
        let shuffled = Graph::new(commits);
        for b in 0..len as u32 {
            let below = reachable(&parents, b);
            for a in 0..len as u32 {
                prop_assert_eq!(ordered.is_ancestor(id(a), id(b)), Some(below.contains(&a)));
                prop_assert_eq!(shuffled.is_ancestor(id(a), id(b)), Some(below.contains(&a)));
            }
        }
    }
}

//! Lines of one note that say different things and have one id, as where somebody wrote them by hand: whoever withdraws one of
//! them withdraws all.

use std::collections::BTreeMap;

use super::started::typed_name;
use crate::trace::Link;
use crate::view::fsck::{Finding, What};
use crate::view::text::one_line;

/// The links that have one id and are not one, by that id.
pub fn shared(links: &[Link]) -> BTreeMap<&str, Vec<&Link>> {
    let mut by_id: BTreeMap<&str, Vec<&Link>> = BTreeMap::new();
    for link in links {
        if let Some(id) = &link.id {
            by_id.entry(id).or_default().push(link);
        }
    }
    by_id.retain(|_, links| links.iter().any(|link| link.to_string() != links[0].to_string()));
    by_id
}

/// Findings about the links of a commit's note.
pub fn findings(object: &str, subject: &str, links: &[Link]) -> Vec<Finding> {
    let finding = |(id, links): (&str, Vec<&Link>)| Finding {
        subject: Some(subject.to_owned()),
        id: Some(id.to_owned()),
        text: Some(format!("id:{id}")),
        reason: format!(
            "lines that say different things have this id, so that they are withdrawn together: {}",
            list(&links)
        ),
        advice: vec![
            "give each of them an id of its own, eight hexadecimal digits:".to_owned(),
            format!("git notes --ref=spec edit {}", object.get(..10).unwrap_or(object)),
        ],
        ..Finding::new(What::Line, object.to_owned())
    };
    shared(links).into_iter().map(finding).collect()
}

/// The clauses of links, as a person types them.
pub fn list(links: &[&Link]) -> String {
    let names: Vec<String> = links.iter().map(|link| one_line(&typed_name(link)).into_owned()).collect();
    names.join(", ")
}

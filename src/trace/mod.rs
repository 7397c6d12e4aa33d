//! Lineages, links, resolution, freshness: plain facts in, findings out. Pure, like [`crate::spec`].

pub mod lineage;

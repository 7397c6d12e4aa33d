//! Commits compared on all cores, told in order.
//!
//! The first commits are compared at once, so that the first screen doesn't wait; the rest goes in batches of
//! neighbours, which share most of their files, to one worker per core. Whoever is free takes the next batch: a merge
//! of old branches may take as long as a thousand other commits.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::heap;
use super::source::Source;
use crate::error::Error;
use crate::git::{CommitRecord, GitError};
use crate::view::progress::Progress;

/// Commits that are compared before workers start.
const AT_ONCE: usize = 8;
/// Neighbouring commits per batch.
const BATCH: usize = 48;
/// Batches on their way per worker: while one batch takes long, the others go on with so many.
const AHEAD: usize = 4;
/// More workers than this only share the memory bus.
const MOST_WORKERS: usize = 8;

type Batch<T> = Vec<Result<(CommitRecord, T), Error>>;

struct Job<T> {
    records: Vec<CommitRecord>,
    answer: SyncSender<(Batch<T>, Vec<String>)>,
}

/// What is handed on.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "each is taken apart where it is made; a box would be one more allocation"
)]
pub enum Told<T> {
    /// A commit and what was made of it.
    Commit(CommitRecord, T),
    /// Nothing more is ready now: what was told so far may be shown.
    Pause,
}

/// Runs `work` on each record and hands the results to `sink` in the order of the records, until it answers `false`.
pub fn in_order<T: Send>(
    source: &Source,
    records: impl Iterator<Item = Result<CommitRecord, GitError>>,
    work: impl Fn(&Source, &CommitRecord) -> Result<T, Error> + Sync,
    mut sink: impl FnMut(Told<T>) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut progress = Progress::of_process();
    let mut sink = |told: Told<T>| {
        if matches!(told, Told::Commit(..)) {
            progress.step();
        }
        sink(told)
    };
    let mut records = records.fuse();
    for record in records.by_ref().take(AT_ONCE) {
        let record = record?;
        let done = work(source, &record)?;
        if !sink(Told::Commit(record, done))? || !sink(Told::Pause)? {
            return Ok(());
        }
    }
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let mut failed = None;
    let mut batches = std::iter::from_fn(|| {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH && failed.is_none() {
            match records.next() {
                Some(Ok(record)) => batch.push(record),
                Some(Err(error)) => failed = Some(error),
                None => break,
            }
        }
        (!batch.is_empty()).then_some(batch)
    });
    let ended = batched(source, &mut batches, workers, &work, &mut sink)?;
    match failed {
        Some(error) if ended => Err(error.into()),
        _ => Ok(()),
    }
}

/// Answers whether all batches were handed on.
fn batched<T: Send>(
    source: &Source,
    batches: &mut dyn Iterator<Item = Vec<CommitRecord>>,
    workers: usize,
    work: &(impl Fn(&Source, &CommitRecord) -> Result<T, Error> + Sync),
    sink: &mut impl FnMut(Told<T>) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let Some(first) = batches.next() else { return Ok(true) };
    std::thread::scope(|scope| {
        let (queue, jobs) = sync_channel::<Job<T>>(workers * AHEAD);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..workers {
            let (seed, jobs) = (source.seed(), jobs.clone());
            scope.spawn(move || serve(&Source::from_seed(seed), &jobs, work));
        }
        let mut waiting: VecDeque<Receiver<(Batch<T>, Vec<String>)>> = VecDeque::new();
        let mut upcoming = std::iter::once(first).chain(batches);
        loop {
            while waiting.len() < workers * AHEAD {
                let Some(records) = upcoming.next() else { break };
                let (answer, receiver) = sync_channel(1);
                if queue.send(Job { records, answer }).is_err() {
                    break;
                }
                waiting.push_back(receiver);
            }
            let Some(receiver) = waiting.pop_front() else { return Ok(true) };
            let answer = match receiver.try_recv() {
                Ok(ready) => Ok(ready),
                Err(_) if !sink(Told::Pause)? => return Ok(false),
                Err(_) => receiver.recv(),
            };
            let Ok((batch, unseen)) = answer else { return Ok(true) };
            unseen.into_iter().for_each(|what| source.unseen(what));
            for done in batch {
                let (record, done) = done?;
                if !sink(Told::Commit(record, done))? {
                    return Ok(false);
                }
            }
        }
    })
}

/// A worker: one batch after the other, until nobody asks any more.
fn serve<T>(
    source: &Source,
    jobs: &Mutex<Receiver<Job<T>>>,
    work: &impl Fn(&Source, &CommitRecord) -> Result<T, Error>,
) {
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        let mut batch = Vec::with_capacity(job.records.len());
        for record in job.records {
            batch.push(work(source, &record).map(|done| (record, done)));
        }
        if job.answer.send((batch, source.incomplete.take())).is_err() {
            return;
        }
        heap::look();
    }
}

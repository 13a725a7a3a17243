//! As in soothfast's README, "Quick start".

mod pieces;

use std::cell::RefCell;

use pieces::Pieces;
use soothfast::{bench, fixture, keep};

soothfast::bench_main!();

#[fixture]
fn start() -> RefCell<Pieces> {
    RefCell::new(Pieces::new())
}

#[bench(group = "three", setup = start)]
fn spin(pieces: &RefCell<Pieces>) {
    keep(pieces.borrow_mut().spin());
}

#[bench(group = "three", setup = start)]
fn churn(pieces: &RefCell<Pieces>) {
    pieces.borrow_mut().churn();
}

#[bench(group = "three", setup = start)]
fn sort(pieces: &RefCell<Pieces>) {
    keep(pieces.borrow_mut().sort());
}

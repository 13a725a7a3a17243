//! Methods, behind a trait object too, and `?`, which leaves a function early.

use std::hint::black_box;

use darwin_runtime::hotpath;

trait Shape {
    fn area(&self) -> u64;
}

struct Square(u64);
struct Slab(u64, u64);

impl Shape for Square {
    fn area(&self) -> u64 {
        square_area(self.0)
    }
}

impl Shape for Slab {
    fn area(&self) -> u64 {
        slab_area(self.0, self.1)
    }
}

#[hotpath]
#[inline(never)]
fn square_area(side: u64) -> u64 {
    side * side
}

#[hotpath]
#[inline(never)]
fn slab_area(width: u64, height: u64) -> u64 {
    width * height
}

/// `None` for every third number.
#[hotpath]
#[inline(never)]
fn checked(number: u64) -> Option<u64> {
    (!number.is_multiple_of(3)).then_some(number)
}

#[hotpath]
#[inline(never)]
fn checked_area(number: u64) -> Option<u64> {
    let number = checked(number)?;
    let shape: Box<dyn Shape> =
        if number.is_multiple_of(2) { Box::new(Square(number)) } else { Box::new(Slab(number, 7)) };
    Some(black_box(shape).area())
}

/// 10 000 shapes, of which a third is refused.
pub fn run() {
    black_box((0..10_000).filter_map(|number| checked_area(black_box(number))).sum::<u64>());
}

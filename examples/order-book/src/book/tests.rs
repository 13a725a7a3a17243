//! The rules of the book one by one, and the book against [`Reference`] on streams of messages.

use super::*;
use crate::random::SplitMix64;
use crate::reference::Reference;
use crate::stream::{BAND, Mix, generate};

const FLOOR: Price = Price(1_000);

/// A book and what it traded.
struct Desk {
    book: Book,
    trades: Vec<Trade>,
}

impl Desk {
    fn new() -> Self {
        Self { book: Book::new(Band::starting_at(FLOOR), 100), trades: Vec::new() }
    }

    fn submit(&mut self, message: Message) -> Result<Outcome, Reject> {
        self.book.submit(&message, &mut |trade: &Trade| self.trades.push(*trade))
    }

    fn enter(&mut self, id: u64, side: Side, quantity: u32, terms: Terms) -> Result<Outcome, Reject> {
        self.submit(Message::New(NewOrder { id: OrderId(id), side, quantity: Quantity(quantity), terms }))
    }

    fn bid(&mut self, id: u64, quantity: u32, price: u32) -> Result<Outcome, Reject> {
        self.enter(id, Side::Buy, quantity, Terms::Limit(Price(price)))
    }

    fn ask(&mut self, id: u64, quantity: u32, price: u32) -> Result<Outcome, Reject> {
        self.enter(id, Side::Sell, quantity, Terms::Limit(Price(price)))
    }

    fn replace(&mut self, id: u64, price: u32, quantity: u32) -> Result<Outcome, Reject> {
        self.submit(Message::Replace { id: OrderId(id), price: Price(price), quantity: Quantity(quantity) })
    }

    /// Maker, price and quantity of each trade so far.
    fn makers(&self) -> Vec<(u64, u32, u32)> {
        self.trades.iter().map(|trade| (trade.maker.0, trade.price.0, trade.quantity.0)).collect()
    }

    fn levels(&self, side: Side) -> Vec<(u32, u64)> {
        self.book.levels(side).map(|(price, volume)| (price.0, volume.0)).collect()
    }
}

fn rested(left: u32, ahead: u64) -> Result<Outcome, Reject> {
    Ok(Outcome::Rested { left: Quantity(left), ahead: Volume(ahead) })
}

fn dropped(left: u32) -> Result<Outcome, Reject> {
    Ok(Outcome::Dropped(Quantity(left)))
}

#[test]
fn the_best_price_trades_first_and_at_one_price_the_oldest_order() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_102).unwrap();
    desk.ask(2, 5, 1_101).unwrap();
    desk.ask(3, 5, 1_101).unwrap();
    assert_eq!(desk.bid(4, 12, 1_102), Ok(Outcome::Filled));
    assert_eq!(desk.makers(), [(2, 1_101, 5), (3, 1_101, 5), (1, 1_102, 2)]);
}

#[test]
fn bids_trade_from_the_highest_down() {
    let mut desk = Desk::new();
    desk.bid(1, 5, 1_100).unwrap();
    desk.bid(2, 5, 1_101).unwrap();
    assert_eq!(desk.enter(3, Side::Sell, 6, Terms::Market), Ok(Outcome::Filled));
    assert_eq!(desk.makers(), [(2, 1_101, 5), (1, 1_100, 1)]);
}

#[test]
fn a_partly_filled_maker_keeps_its_place_and_its_rest() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    desk.ask(2, 5, 1_100).unwrap();
    desk.bid(3, 2, 1_100).unwrap();
    assert_eq!(desk.levels(Side::Sell), [(1_100, 8)]);
    desk.bid(4, 4, 1_100).unwrap();
    assert_eq!(desk.makers(), [(1, 1_100, 2), (1, 1_100, 3), (2, 1_100, 1)]);
}

#[test]
fn the_rest_of_a_limit_order_rests_at_its_own_price() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    assert_eq!(desk.bid(2, 8, 1_105), rested(3, 0));
    assert_eq!(desk.levels(Side::Buy), [(1_105, 3)]);
    assert_eq!(desk.levels(Side::Sell), []);
}

#[test]
fn an_order_that_rests_learns_what_trades_before_it() {
    let mut desk = Desk::new();
    desk.bid(1, 5, 1_100).unwrap();
    desk.bid(2, 7, 1_102).unwrap();
    desk.bid(3, 1, 1_099).unwrap();
    assert_eq!(desk.bid(4, 9, 1_100), rested(9, 12));
}

#[test]
fn a_market_order_drops_what_nobody_sells() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 5_095).unwrap();
    assert_eq!(desk.enter(2, Side::Buy, 8, Terms::Market), dropped(3));
    assert_eq!(desk.enter(3, Side::Buy, 8, Terms::Market), dropped(8));
    assert_eq!(desk.levels(Side::Buy), []);
}

#[test]
fn an_immediate_order_stops_at_its_limit() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    desk.ask(2, 5, 1_101).unwrap();
    assert_eq!(desk.enter(3, Side::Buy, 8, Terms::ImmediateOrCancel(Price(1_100))), dropped(3));
    assert_eq!(desk.levels(Side::Sell), [(1_101, 5)]);
}

#[test]
fn a_fill_or_kill_order_trades_all_or_nothing() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    desk.ask(2, 5, 1_101).unwrap();
    let terms = Terms::FillOrKill(Price(1_101));
    assert_eq!(desk.enter(3, Side::Buy, 11, terms), Err(Reject::CannotFill));
    assert_eq!(desk.makers(), []);
    assert_eq!(desk.levels(Side::Sell), [(1_100, 5), (1_101, 5)]);
    assert_eq!(desk.enter(4, Side::Buy, 10, terms), Ok(Outcome::Filled));
}

#[test]
fn a_post_only_order_rests_or_is_rejected_and_never_trades() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    assert_eq!(desk.enter(2, Side::Buy, 1, Terms::PostOnly(Price(1_100))), Err(Reject::WouldTrade));
    assert_eq!(desk.enter(3, Side::Buy, 1, Terms::PostOnly(Price(1_099))), rested(1, 0));
    assert_eq!(desk.makers(), []);
}

#[test]
fn a_cancelled_order_is_gone_and_says_what_had_not_traded() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    desk.bid(2, 2, 1_100).unwrap();
    assert_eq!(desk.book.cancel(OrderId(1)), Ok(Quantity(3)));
    assert_eq!(desk.book.cancel(OrderId(1)), Err(Reject::UnknownOrder));
    assert_eq!(desk.book.best(Side::Sell), None);
    assert_eq!(desk.book.volume(Side::Sell), Volume(0));
}

#[test]
fn a_filled_order_can_no_longer_be_cancelled() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    desk.bid(2, 5, 1_100).unwrap();
    assert_eq!(desk.submit(Message::Cancel(OrderId(1))), Err(Reject::UnknownOrder));
}

#[test]
fn an_order_made_smaller_keeps_its_place_and_any_other_change_loses_it() {
    let mut desk = Desk::new();
    for id in [1, 2, 3] {
        desk.ask(id, 5, 1_100).unwrap();
    }
    assert_eq!(desk.replace(1, 1_100, 4), Ok(Outcome::Reduced));
    assert_eq!(desk.replace(2, 1_100, 6), rested(6, 9));
    desk.bid(4, 15, 1_100).unwrap();
    assert_eq!(desk.makers(), [(1, 1_100, 4), (3, 1_100, 5), (2, 1_100, 6)]);
}

#[test]
fn a_replaced_order_trades_if_its_new_price_crosses() {
    let mut desk = Desk::new();
    desk.ask(1, 5, 1_100).unwrap();
    desk.bid(2, 8, 1_090).unwrap();
    assert_eq!(desk.replace(2, 1_100, 8), rested(3, 0));
    assert_eq!(desk.makers(), [(1, 1_100, 5)]);
}

#[test]
fn a_rejected_replace_leaves_the_order_where_it_was() {
    let mut desk = Desk::new();
    desk.bid(1, 5, 1_100).unwrap();
    assert_eq!(desk.replace(1, FLOOR.0 - 1, 5), Err(Reject::OutsideBand));
    assert_eq!(desk.replace(1, 1_100, 0), Err(Reject::ZeroQuantity));
    assert_eq!(desk.replace(2, 1_100, 5), Err(Reject::UnknownOrder));
    assert_eq!(desk.levels(Side::Buy), [(1_100, 5)]);
}

#[test]
fn what_makes_no_sense_is_rejected_by_name() {
    let mut desk = Desk::new();
    desk.bid(1, 5, 1_100).unwrap();
    assert_eq!(desk.bid(1, 5, 1_101), Err(Reject::DuplicateId));
    assert_eq!(desk.bid(2, 0, 1_100), Err(Reject::ZeroQuantity));
    assert_eq!(desk.bid(2, 5, 1_000 + crate::BAND_TICKS), Err(Reject::OutsideBand));
}

#[test]
fn a_full_book_still_trades_and_cancels() {
    let mut desk = Desk::new();
    (0..100).for_each(|id| assert!(desk.ask(id, 1, 1_100).is_ok()));
    assert_eq!(desk.ask(100, 1, 1_100), Err(Reject::BookFull));
    assert_eq!(desk.enter(100, Side::Buy, 1, Terms::Market), Ok(Outcome::Filled));
    assert!(desk.ask(100, 1, 1_100).is_ok());
    assert!(desk.book.cancel(OrderId(100)).is_ok());
}

#[test]
fn on_a_stream_the_book_does_what_the_reference_does() {
    for (seed, mix) in [(1, Mix::LIVELY), (2, Mix::CANCEL_HEAVY)] {
        let stream = generate(seed, mix, 10_000);
        let floor = BAND.price(Side::Sell, Rank::at(0).expect("the first rank"));
        compare(floor, 2 * mix.resting as u32, stream.iter().copied().cycle().take(15_000));
    }
}

#[test]
fn on_messages_without_any_sense_the_book_does_what_the_reference_does() {
    for seed in 0..4 {
        let mut random = SplitMix64::new(seed);
        compare(FLOOR, 20, std::iter::repeat_with(|| any_message(&mut random)).take(20_000));
    }
}

/// Any message at all, out of so few ids and prices that everything collides with everything.
fn any_message(random: &mut SplitMix64) -> Message {
    let id = OrderId(random.below(40).into());
    let quantity = Quantity(random.below(10));
    // 16 prices about the upper end of the band, one of them outside.
    let price = Price(FLOOR.0 + crate::BAND_TICKS - 15 + random.below(16));
    let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
    let terms = match random.below(8) {
        0 => Terms::PostOnly(price),
        1 => Terms::ImmediateOrCancel(price),
        2 => Terms::FillOrKill(price),
        3 => Terms::Market,
        _ => Terms::Limit(price),
    };
    match random.below(8) {
        0 => Message::Cancel(id),
        1..=2 => Message::Replace { id, price, quantity },
        _ => Message::New(NewOrder { id, side, quantity, terms }),
    }
}

/// Gives each message to both books and compares what they answer, trade and hold.
fn compare(floor: Price, capacity: u32, messages: impl Iterator<Item = Message>) {
    let mut book = Book::new(Band::starting_at(floor), capacity);
    let mut reference = Reference::new(floor, capacity as usize);
    let mut trades = Vec::new();
    for (place, message) in messages.enumerate() {
        let answer = book.submit(&message, &mut |trade: &Trade| trades.push(*trade));
        assert_eq!(answer, reference.submit(&message), "message {place}: {message:?}");
        assert_eq!(trades, reference.trades, "message {place}: {message:?}");
        trades.clear();
        reference.trades.clear();
        if place % 64 == 0 {
            check_same(&book, &reference);
        }
    }
    check_same(&book, &reference);
}

fn check_same(book: &Book, reference: &Reference) {
    for side in [Side::Buy, Side::Sell] {
        let levels: Vec<_> = book.levels(side).collect();
        assert_eq!(levels, reference.levels(side));
        assert_eq!(book.best(side), levels.first().map(|level| level.0));
        assert_eq!(book.volume(side), Volume(levels.iter().map(|level| level.1.0).sum()));
        check_queues(book, side);
    }
    if let (Some(bid), Some(ask)) = (book.best(Side::Buy), book.best(Side::Sell)) {
        assert!(bid < ask, "the book is crossed: {bid:?}, {ask:?}");
    }
}

/// Each order is found by its id, knows where it stands, and the links of its queue agree both ways.
fn check_queues(book: &Book, side: Side) {
    let ladder = book.ladder(side);
    for (rank, _) in ladder.levels(&book.orders) {
        let mut previous = None;
        for (slot, left) in ladder.queue(rank, &book.orders) {
            let order = book.orders[slot];
            assert_eq!((order.side, order.rank, order.previous), (side, rank, previous));
            assert_eq!(book.ids.get(order.id), Some(slot));
            assert_ne!(left, Quantity::ZERO);
            previous = Some(slot);
        }
    }
}

#[test]
fn the_digest_tells_books_apart_and_rejects_leave_it_as_it_was() {
    let (mut one, mut other) = (Desk::new(), Desk::new());
    one.bid(1, 5, 1_100).unwrap();
    other.bid(1, 5, 1_100).unwrap();
    other.bid(1, 5, 1_101).unwrap_err();
    assert_eq!(one.book.digest(), other.book.digest());
    other.bid(2, 5, 1_101).unwrap();
    assert_ne!(one.book.digest(), other.book.digest());
}

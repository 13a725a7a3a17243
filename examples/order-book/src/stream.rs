//! A stream of messages as a market might send them, the same on every machine.

use crate::band::{BAND_TICKS, Band};
use crate::message::{Message, NewOrder, OrderId, Price, Quantity, Side, Terms};
use crate::random::SplitMix64;

/// What a stream is made of. What neither takes nor replaces are limit and post-only orders, and one cancel for
/// each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Of 100 messages, the orders that only take: market, immediate-or-cancel and fill-or-kill.
    takers: usize,
    /// Of 100 messages, those that replace a resting order.
    replaces: usize,
    /// How many orders would rest at any time if none traded.
    pub(crate) resting: usize,
}

impl Mix {
    /// A lively market: one message in eight takes.
    pub const LIVELY: Self = Self { takers: 12, replaces: 8, resting: 4_000 };

    /// Market makers at work: nearly all that is entered is cancelled, and little trades.
    pub const CANCEL_HEAVY: Self = Self { takers: 2, replaces: 2, resting: 4_000 };
}

/// Where the middle of the market begins and is drawn back to, in ticks.
const CENTRE: u32 = 100_000;

/// The middle never moves further than this from the centre, in ticks.
const REACH: u32 = 32;

/// The band that covers all prices of a stream.
pub(crate) const BAND: Band = Band::starting_at(Price(CENTRE - BAND_TICKS / 2));

/// Makes a stream of `length` messages that may be replayed in a circle for ever.
///
/// The id of an order is the place of its message in the stream. Going round, each order is entered once and
/// cancelled once before it is entered again: no id is ever twice in the book, the number of resting orders
/// neither grows nor shrinks from one round to the next, and every round costs the same.
pub fn generate(seed: u64, mix: Mix, length: usize) -> Vec<Message> {
    let mut random = SplitMix64::new(seed);
    let actions = actions(&mut random, mix, length);
    let orders = Schedule::new(&mut random, &actions, mix.resting);
    let market = Market { random, orders, middle: CENTRE };
    market.messages(&actions)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Enter,
    Cancel,
    Replace,
    Take,
}

/// As many of each as the mix says, in a random order, and as many cancels as orders to cancel.
fn actions(random: &mut SplitMix64, mix: Mix, length: usize) -> Vec<Action> {
    let replaces = length * mix.replaces / 100;
    let enters = (length - replaces - length * mix.takers / 100) / 2;
    let mut actions = vec![Action::Take; length];
    actions[..2 * enters].fill(Action::Cancel);
    actions[..enters].fill(Action::Enter);
    actions[2 * enters..2 * enters + replaces].fill(Action::Replace);
    random.shuffle(&mut actions);
    actions
}

/// Which orders there are, and when each is cancelled.
struct Schedule {
    /// In the order in which they are entered.
    entered: Vec<(OrderId, Side)>,
    /// In the order in which they are cancelled: `resting` orders later, and about half as much sooner or later.
    cancelled: Vec<OrderId>,
    resting: usize,
    enters: usize,
    cancels: usize,
}

impl Schedule {
    fn new(random: &mut SplitMix64, actions: &[Action], resting: usize) -> Self {
        let places = (0..).zip(actions).filter(|&(_, &action)| action == Action::Enter);
        let entered: Vec<_> = places.map(|(place, _)| (OrderId(place), any_side(random))).collect();
        let resting = resting.min(entered.len());
        let mut cancelled: Vec<_> = entered.iter().map(|order| order.0).collect();
        cancelled.rotate_right(resting);
        cancelled.chunks_mut(resting / 2 + 1).for_each(|orders| random.shuffle(orders));
        Self { entered, cancelled, resting, enters: 0, cancels: 0 }
    }

    fn enter(&mut self) -> (OrderId, Side) {
        self.enters += 1;
        self.entered[self.enters - 1]
    }

    fn cancel(&mut self) -> OrderId {
        self.cancels += 1;
        self.cancelled[self.cancels - 1]
    }

    /// An order that was entered not long ago, around the circle; it may have traded meanwhile, as in a market.
    fn recent(&self, random: &mut SplitMix64) -> (OrderId, Side) {
        let all = self.entered.len();
        let ago = 1 + random.below(self.resting as u32) as usize;
        self.entered[(self.enters + all - ago) % all]
    }
}

/// The state of the imagined market.
struct Market {
    random: SplitMix64,
    orders: Schedule,
    /// Between the best bid and the best ask, in ticks.
    middle: u32,
}

impl Market {
    fn messages(mut self, actions: &[Action]) -> Vec<Message> {
        (0..).map(OrderId).zip(actions).map(|(id, &action)| self.message(id, action)).collect()
    }

    fn message(&mut self, id: OrderId, action: Action) -> Message {
        self.move_middle();
        match action {
            Action::Enter => self.enter(),
            Action::Cancel => Message::Cancel(self.orders.cancel()),
            Action::Replace => self.replace(),
            Action::Take => self.take(id),
        }
    }

    /// Ehrenfest's urn: a step up or down, the less likely the further the middle is up or down already.
    fn move_middle(&mut self) {
        if self.random.below(64) > 0 {
            return;
        }
        let above_lowest = self.middle - (CENTRE - REACH);
        if self.random.below(2 * REACH) < above_lowest {
            self.middle -= 1;
        } else {
            self.middle += 1;
        }
    }

    fn enter(&mut self) -> Message {
        let (id, side) = self.orders.enter();
        let terms = match self.random.below(16) {
            0 => Terms::Limit(self.price_through(side)),
            1..=4 => Terms::PostOnly(self.price_away(side)),
            _ => Terms::Limit(self.price_away(side)),
        };
        Message::New(NewOrder { id, side, quantity: self.quantity(100), terms })
    }

    fn take(&mut self, id: OrderId) -> Message {
        let side = any_side(&mut self.random);
        let terms = match self.random.below(4) {
            0 => Terms::Market,
            1 => Terms::FillOrKill(self.price_through(side)),
            _ => Terms::ImmediateOrCancel(self.price_through(side)),
        };
        Message::New(NewOrder { id, side, quantity: self.quantity(50), terms })
    }

    fn replace(&mut self) -> Message {
        let (id, side) = self.orders.recent(&mut self.random);
        Message::Replace { id, price: self.price_away(side), quantity: self.quantity(100) }
    }

    fn quantity(&mut self, most: u32) -> Quantity {
        Quantity(1 + self.random.below(most))
    }

    /// A price that waits: 5 to 132 ticks from the middle, near it more often than far.
    fn price_away(&mut self, side: Side) -> Price {
        let widest = 2 << self.random.below(7);
        let away = 5 + self.random.below(widest);
        Price(match side {
            Side::Buy => self.middle - away,
            Side::Sell => self.middle + away,
        })
    }

    /// A price that trades: up to 15 ticks beyond the middle.
    fn price_through(&mut self, side: Side) -> Price {
        let through = self.random.below(16);
        Price(match side {
            Side::Buy => self.middle + through,
            Side::Sell => self.middle - through,
        })
    }
}

fn any_side(random: &mut SplitMix64) -> Side {
    if random.below(2) == 0 { Side::Buy } else { Side::Sell }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const ROUND: usize = 24_000;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_another_seed_another() {
        assert_eq!(generate(1, Mix::LIVELY, ROUND), generate(1, Mix::LIVELY, ROUND));
        assert_ne!(generate(1, Mix::LIVELY, ROUND), generate(2, Mix::LIVELY, ROUND));
    }

    #[test]
    fn each_order_that_may_rest_is_cancelled_once_a_round() {
        let mut balance: HashMap<OrderId, i32> = HashMap::new();
        for message in generate(1, Mix::LIVELY, ROUND) {
            match message {
                Message::New(NewOrder { id, terms: Terms::Limit(_) | Terms::PostOnly(_), .. }) => {
                    *balance.entry(id).or_default() += 1;
                }
                Message::Cancel(id) => *balance.entry(id).or_default() -= 1,
                _ => {}
            }
        }
        assert!(balance.len() > ROUND / 3);
        assert!(balance.values().all(|&left| left == 0));
    }

    #[test]
    fn the_mix_is_what_it_says() {
        for mix in [Mix::LIVELY, Mix::CANCEL_HEAVY] {
            let stream = generate(1, mix, ROUND);
            let share = |test: fn(&Message) -> bool| {
                stream.iter().filter(|message| test(message)).count() * 100 / ROUND
            };
            assert_eq!(share(|message| matches!(message, Message::Replace { .. })), mix.replaces);
            assert_eq!(
                share(|message| matches!(message, Message::Cancel(_))),
                (100 - mix.replaces - mix.takers) / 2
            );
        }
    }

    #[test]
    fn each_price_is_in_the_band_of_the_stream() {
        for message in generate(1, Mix::LIVELY, ROUND) {
            let (Message::New(NewOrder { terms: Terms::Limit(price), .. }) | Message::Replace { price, .. }) =
                message
            else {
                continue;
            };
            assert!(BAND.rank(Side::Buy, price).is_some(), "{message:?}");
        }
    }

    #[test]
    fn even_the_shortest_stream_is_a_stream() {
        for length in 0..40 {
            assert_eq!(generate(1, Mix::LIVELY, length).len(), length);
        }
    }
}

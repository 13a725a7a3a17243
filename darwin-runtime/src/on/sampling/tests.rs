use super::*;

#[test]
fn one_call_of_each_stretch_is_timed_and_none_lies_in_two() {
    let mut state = 7;
    let (mut begin, mut at, mut rest) = (0_u64, 0_u64, 0);
    for length in (0..1000).map(|n| 1 + n % 37) {
        let drawn = draw(length, rest, random(&mut state));
        at += u64::from(drawn.left);
        assert!((begin..begin + u64::from(length)).contains(&at), "call {at}, stretch from {begin}");
        at += 1;
        begin += u64::from(length);
        rest = drawn.rest;
        assert_eq!(at + u64::from(rest), begin);
    }
}

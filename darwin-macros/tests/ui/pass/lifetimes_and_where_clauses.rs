use darwin_runtime::hotpath;

struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    #[hotpath]
    fn longest<'b: 'a>(&'a self, other: &'b str) -> &'a str
    where
        Self: Sized,
    {
        if self.0.len() > other.len() { self.0 } else { other }
    }
}

#[hotpath]
fn higher_ranked<F>(f: F) -> usize
where
    F: for<'x> Fn(&'x str) -> &'x str,
{
    f("abc").len()
}

fn main() {
    assert_eq!(Text("ab").longest("abc"), "abc");
    assert_eq!(higher_ranked(|text| &text[1..]), 2);
}

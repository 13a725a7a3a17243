use darwin_runtime::hotpath;

trait Shape {
    fn side(&self) -> u32;

    #[hotpath(name = "Shape::area")]
    fn area(&self) -> u32 {
        self.side() * self.side()
    }
}

struct Square;

impl Shape for Square {
    #[hotpath]
    fn side(&self) -> u32 {
        3
    }
}

fn main() {
    assert_eq!(Square.area(), 9);
}

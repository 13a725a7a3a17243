use darwin_runtime::hotpath;

#[hotpath]
fn sum(text: &str) -> Result<i32, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let mut sum = 0;
    for part in text.split(',') {
        sum += part.parse::<i32>()?;
    }
    Ok(sum)
}

fn main() {
    assert_eq!(sum(""), Ok(0));
    assert_eq!(sum("1,2"), Ok(3));
    assert!(sum("x").is_err());
}

use darwin_runtime::hotpath;

#[hotpath]
fn leave() -> ! {
    std::process::exit(0)
}

#[hotpath]
async fn leave_async() -> ! {
    std::process::exit(1)
}

fn main() {
    drop(leave_async());
    leave();
}

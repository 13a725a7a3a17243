use darwin_runtime::hotpath;

#[hotpath]
#[unsafe(naked)]
extern "C" fn f() {
    core::arch::naked_asm!("ret")
}

fn main() {}

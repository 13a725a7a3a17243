use super::*;

/// Builds a small program with `--print link-args`, as `cargo rustc` would.
fn built(folder: &Path) -> (PathBuf, Option<Printed>) {
    let source = folder.join("main.rs");
    let functions: String = (0..40)
        .map(|number| {
            format!(
                "#[inline(never)] fn f{number}(x: u64) -> u64 {{ std::hint::black_box(x) * {number} + 1 }}\n"
            )
        })
        .collect();
    let calls: String = (0..40).map(|number| format!("x = f{number}(x);")).collect();
    fs::write(&source, format!("{functions} fn main() {{ let mut x = 1; {calls} println!(\"{{x}}\"); }}"))
        .unwrap();
    let output = folder.join("out").join("main");
    fs::create_dir_all(folder.join("out")).unwrap();
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["-O", "--edition", "2024", "-o"]).arg(&output).args(RUSTC_OPTIONS).arg(&source);
    let text = String::from_utf8(command::output(&mut rustc).unwrap()).unwrap();
    (output, text.lines().filter(|line| is_link_line(line)).find_map(Printed::parse))
}

fn answer(program: &Path) -> Vec<u8> {
    command::output(&mut Command::new(program)).unwrap()
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn another_seed_makes_another_layout_of_the_same_program() {
    let folder = tempfile::tempdir().unwrap();
    let (executable, printed) = built(folder.path());
    let kept = folder.path().join("kept");
    let link = Link::record(printed.unwrap(), &executable, &kept).unwrap();
    assert_eq!(Link::find(&executable, &kept).as_ref(), Some(&link));
    let left: Vec<_> =
        fs::read_dir(folder.path().join("out")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(
        left,
        std::slice::from_ref(&executable),
        "the temporaries are kept elsewhere, as the next build would remove them"
    );
    let layouts: Vec<PathBuf> = (1..=3).map(|seed| folder.path().join(format!("layout{seed}"))).collect();
    for (seed, layout) in [5, 6, 5].into_iter().zip(&layouts) {
        link.replay(seed, layout).unwrap();
        assert_eq!(answer(layout), answer(&executable));
    }
    let bytes: Vec<Vec<u8>> = layouts.iter().map(|layout| fs::read(layout).unwrap()).collect();
    assert_ne!(bytes[0], bytes[1]);
    assert_eq!(bytes[0], bytes[2], "a seed stands for one order");
}

#[test]
fn the_link_of_another_build_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (executable, printed) = built(folder.path());
    let kept = folder.path().join("kept");
    Link::record(printed.unwrap(), &executable, &kept).unwrap();
    fs::write(&executable, "another").unwrap();
    assert_eq!(Link::find(&executable, &kept), None);
}

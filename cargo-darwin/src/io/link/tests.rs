//! Real links: a program that says where its functions lie, built and linked in every way that users choose.

use super::*;

/// A program with thread-locals, relocated tables and unwinding. Its answer goes to stdout; to stderr go the distances
/// of its functions from the first one.
fn program() -> String {
    let functions: String = (0..40)
        .map(|number| {
            format!(
                "#[inline(never)] fn f{number}(x: u64) -> u64 {{ std::hint::black_box(x) * {number} + 1 }}\n"
            )
        })
        .collect();
    let table: String = (0..40).map(|number| format!("f{number},")).collect();
    format!(
        "{functions}
        static TABLE: [fn(u64) -> u64; 40] = [{table}];
        thread_local! {{ static SUM: std::cell::Cell<u64> = const {{ std::cell::Cell::new(1) }}; }}
        fn main() {{
            let here = |f: &fn(u64) -> u64| SUM.set(f(SUM.get()) % 1_000_003);
            TABLE.iter().for_each(here);
            let there = std::thread::spawn(move || {{ TABLE.iter().rev().for_each(here); SUM.get() }}).join();
            let caught = cfg!(panic = \"abort\") || std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(1))).is_err();
            println!(\"{{}} {{there:?}} {{caught}}\", SUM.get());
            let from = TABLE[0] as usize as isize;
            TABLE.iter().for_each(|f| eprint!(\"{{}} \", *f as usize as isize - from));
        }}"
    )
}

/// A folder with a built program.
struct Built {
    folder: tempfile::TempDir,
    executable: PathBuf,
    printed: Option<Printed>,
}

impl Built {
    /// Builds it as `cargo rustc` would, with these flags.
    fn with(flags: &[&str]) -> Built {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        fs::create_dir_all(&out).unwrap();
        fs::write(folder.path().join("main.rs"), program()).unwrap();
        fs::write(folder.path().join("exported.txt"), "{ main; };").unwrap();
        let executable = out.join("main");
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.current_dir(folder.path()).args(["-O", "--edition", "2024", "main.rs", "-o"]).arg(&executable);
        rustc.args(flags).args(RUSTC_OPTIONS);
        let text = String::from_utf8(command::output(&mut rustc).unwrap()).unwrap();
        let printed = text.lines().filter(|line| is_link_line(line)).find_map(Printed::parse);
        Built { folder, executable, printed }
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    fn record(&mut self) -> Result<Link, LinkError> {
        let printed = self.printed.take().unwrap();
        Link::record(printed, &self.executable, &self.kept(), self.folder.path())
    }

    fn layout(&self, link: &Link, seed: u64) -> PathBuf {
        let layout = self.folder.path().join(format!("layout{seed}"));
        link.replay(seed, &layout).unwrap();
        layout
    }
}

/// What a program answers, and where its functions lie.
fn run(program: &Path) -> (Vec<u8>, Vec<u8>) {
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success(), "{}: {output:?}", program.display());
    (output.stdout, output.stderr)
}

/// Whether gcc here can be told to use this linker.
fn is_there(linker: &str) -> bool {
    let asked = Command::new("cc").args([&format!("-fuse-ld={linker}"), "-Wl,--version"]).output();
    asked.is_ok_and(|output| output.status.success())
}

/// Checks that a program built with these flags can be linked anew; `instead_of` is the linker that lld stands in for.
#[track_caller]
fn can_be_linked_anew(flags: &[&str], instead_of: Option<&str>) {
    let mut built = Built::with(flags);
    let link = built.record().unwrap_or_else(|error| panic!("{flags:?}: {error}"));
    assert_eq!(link.instead_of(), instead_of, "{flags:?}");
    assert_eq!(Link::find(&built.executable, &built.kept()).as_ref(), Ok(&link));
    link.verify(&built.folder.path().join("plain")).unwrap();
    let left: Vec<_> =
        fs::read_dir(built.folder.path().join("out")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, std::slice::from_ref(&built.executable), "temporaries are kept elsewhere or removed");
    let layouts = [5, 6].map(|seed| built.layout(&link, seed));
    let (answer, own_order) = run(&built.executable);
    let orders = layouts.each_ref().map(|layout| {
        let (same, order) = run(layout);
        assert_eq!(same, answer, "{flags:?}");
        order
    });
    assert!(orders[0] != orders[1] && !orders.contains(&own_order), "{flags:?}: the functions lie as before");
    let size = |file: &Path| fs::metadata(file).unwrap().len() as f64;
    let ratio = size(&layouts[0]) / size(&built.folder.path().join("plain"));
    assert!((0.97..1.03).contains(&ratio), "{flags:?}: a layout has {ratio} of the size of the plain link");
    let moved = order_moved(&orders[0], &own_order);
    assert!(moved > 30, "{flags:?}: {moved} of 40 functions moved against the first one");
}

fn order_moved(one: &[u8], other: &[u8]) -> usize {
    let split = |text: &[u8]| String::from_utf8_lossy(text).split(' ').map(str::to_owned).collect::<Vec<_>>();
    split(one).iter().zip(split(other)).filter(|(one, other)| *one != other).count()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod on_linux {
    use super::*;

    #[test]
    fn whatever_the_code_is_generated_with() {
        for flags in [
            &[][..],
            &["-Clto=thin"],
            &["-Clto=fat"],
            &["-Ccodegen-units=1"],
            &["-Cpanic=abort"],
            &["-Cpanic=abort", "-Clto=fat", "-Ccodegen-units=1", "-Cstrip=symbols"],
            &["-Cstrip=debuginfo"],
            &["-Crelocation-model=static"],
            &["-Ctarget-feature=+crt-static"],
            &["-Cllvm-args=-align-loops=64"],
        ] {
            can_be_linked_anew(flags, None);
        }
    }

    #[test]
    fn with_arguments_of_the_users_own() {
        can_be_linked_anew(&["-Clink-arg=-fuse-ld=lld", "-Clink-arg=-Wl,-rpath,$ORIGIN"], None);
        can_be_linked_anew(&["-Clink-arg=-Wl,--dynamic-list=exported.txt"], None);
    }

    #[test]
    fn with_another_linker_lld_links_in_its_place() {
        assert!(is_there("bfd"), "gcc brings it");
        for linker in ["bfd", "gold", "mold"].into_iter().filter(|linker| is_there(linker)) {
            can_be_linked_anew(&[&format!("-Clink-arg=-fuse-ld={linker}")], Some(linker));
        }
        // With a driver of the user's rustc leaves the choice to it.
        can_be_linked_anew(&["-Clinker=gcc"], Some("the system's linker"));
    }

    #[test]
    fn a_seed_stands_for_one_order() {
        let mut built = Built::with(&[]);
        let link = built.record().unwrap();
        let bytes = [5, 6, 5].map(|seed| fs::read(built.layout(&link, seed)).unwrap());
        assert_ne!(bytes[0], bytes[1]);
        assert_eq!(bytes[0], bytes[2]);
    }

    #[test]
    fn the_drivers_part_is_left_out() {
        let link = Built::with(&[]).record().unwrap();
        assert_eq!(link.speaks, Speaks::Linker, "{link:?}");
        assert!(link.program.ends_with("rust-lld"), "{link:?}");
    }

    #[test]
    fn a_record_can_be_moved() {
        let mut built = Built::with(&[]);
        let link = built.record().unwrap();
        let moved = built.folder.path().join("moved");
        fs::rename(built.kept(), &moved).unwrap();
        let found = Link::find(&built.executable, &moved).unwrap();
        found.verify(&built.folder.path().join("plain")).unwrap();
        assert!(link.verify(&built.folder.path().join("plain")).is_err(), "the inputs are no longer there");
    }

    #[test]
    fn an_input_that_has_changed_since_is_noticed() {
        let mut built = Built::with(&["-Clink-arg=-Wl,--dynamic-list=exported.txt"]);
        let link = built.record().unwrap();
        let plain = built.folder.path().join("plain");
        link.verify(&plain).unwrap();
        fs::write(built.folder.path().join("exported.txt"), "{ none; };").unwrap();
        assert!(matches!(link.verify(&plain), Err(LinkError::Another(_))));
    }

    #[test]
    fn a_link_that_cannot_be_repeated_says_why() {
        let mut built = Built::with(&[]);
        let printed = built.printed.as_mut().unwrap();
        printed.args.push("-Wl,--no-such-option".to_owned());
        built.record().unwrap_err();
        let reason = Link::find(&built.executable, &built.kept()).unwrap_err();
        assert!(reason.contains("no-such-option"), "{reason}");
    }

    #[test]
    fn a_command_that_gives_other_code_is_refused() {
        let mut built = Built::with(&[]);
        let printed = built.printed.as_mut().unwrap();
        printed.args.push("-Wl,--no-gc-sections".to_owned());
        let error = built.record().unwrap_err();
        assert!(matches!(error, LinkError::Another(_)), "{error}");
    }
}

#[test]
fn the_link_of_another_build_is_not_taken() {
    let mut built = Built::with(&[]);
    // Where it cannot be recorded there is none to be taken either.
    let _ = built.record();
    fs::write(&built.executable, "another").unwrap();
    assert!(Link::find(&built.executable, &built.kept()).is_err());
}

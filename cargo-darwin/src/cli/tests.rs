use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;
use crate::exit_code::ExitCode;

fn typed(line: &str) -> Result<Command, clap::Error> {
    let words = ["cargo-darwin", "darwin"].into_iter().chain(line.split_whitespace());
    parse(words.map(OsString::from)).map(|darwin| match darwin.verb {
        Verb::Project(command) => *command,
        other => panic!("{line}: {other:?}"),
    })
}

fn check(line: &str) -> CheckArgs {
    match typed(line) {
        Ok(Command::Check(args)) => args,
        other => panic!("{line}: {other:?}"),
    }
}

fn run(line: &str) -> RunArgs {
    match typed(line) {
        Ok(Command::Run(args)) => args,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_definition_is_sound() {
    Cargo::command().debug_assert();
}

#[test]
fn check_takes_its_limits() {
    let args = check("check -p order-book --measure --against v1 --tolerance 0.5% --max-time 2m");
    assert_eq!(args.shared.cargo.package.as_deref(), Some("order-book"));
    assert!(args.measure);
    assert_eq!(args.against.as_deref(), Some("v1"));
    assert_eq!(args.tolerance, "0.5%".parse().ok());
    assert_eq!((args.tail_tolerance, args.max_time), (None, "2m".parse().ok()));
    assert!(!args.require_faster && check("check --require-faster").require_faster);
}

#[test]
fn run_compares_with_the_last_run_unless_told_which() {
    assert_eq!(run("run").compare, None);
    assert_eq!(run("run --compare").compare, Some(RunRef::Last));
    assert_eq!(run("run --compare --top 5").compare, Some(RunRef::Last));
    assert_eq!(run("run --compare 12").compare, Some(RunRef::Number(12)));
    assert_eq!((run("run").top, run("run").mode), (20, Mode::Exact));
}

#[test]
fn run_takes_its_mode_and_check_takes_none() {
    let modes = ["exact", "graph", "adaptive"].map(|mode| run(&format!("run --mode {mode}")).mode);
    assert_eq!(modes, [Mode::Exact, Mode::Graph, Mode::Adaptive]);
    assert_eq!(typed("run --mode sampled").unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(typed("check --mode exact").unwrap_err().kind(), ErrorKind::UnknownArgument);
}

#[test]
fn calibrate_takes_what_it_injects_and_how_long() {
    match typed("calibrate --checks 59 --inject 1% --site a::* --metric p99 --max-time 5m --edits 0") {
        Ok(Command::Calibrate(args)) => {
            assert_eq!((args.checks, args.inject), (Some(59), "1%".parse().ok()));
            assert_eq!((args.site, args.metric), ("a::*".parse().ok(), Slower::P99));
            assert_eq!((args.max_time, args.edits), ("5m".parse().ok(), 0));
        }
        other => panic!("{other:?}"),
    }
    match typed("calibrate") {
        Ok(Command::Calibrate(args)) => {
            assert_eq!((args.checks, args.metric, args.edits), (None, Slower::P50, 6));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_target_with_arguments_makes_a_workload() {
    let args = run("run -p app --bin replay -- --messages 10");
    let workload = args.shared.workload.ad_hoc(args.shared.cargo.package.as_deref());
    let expected = Workload {
        name: "replay".into(),
        package: Some("app".into()),
        target: Target::Bin("replay".into()),
        args: vec!["--messages".into(), "10".into()],
    };
    assert_eq!(workload, Some(expected));
    assert_eq!(run("run").shared.workload.ad_hoc(None), None);
}

#[test]
fn cargo_options_keep_cargos_words() {
    let args = check("check -F a,b --features c --no-default-features --locked --offline --target t");
    let cargo = args.shared.cargo;
    assert_eq!(cargo.features.features, ["a,b", "c"]);
    assert!(cargo.features.no_default_features && cargo.locked && cargo.offline);
    assert_eq!(cargo.target.as_deref(), Some("t"));
}

#[test]
fn doctor_needs_no_project_and_takes_nothing_of_one() {
    let words = |line: &str| parse(line.split_whitespace().map(OsString::from));
    match words("cargo-darwin darwin doctor --format json").map(|darwin| darwin.verb) {
        Ok(Verb::Doctor(args)) => assert_eq!(args.output.format, Format::Json),
        other => panic!("{other:?}"),
    }
    assert!(words("cargo-darwin darwin doctor -p order-book").is_err());
}

#[test]
fn init_takes_a_package_and_one_source_of_the_runtime() {
    let words = |line: &str| parse(line.split_whitespace().map(OsString::from));
    match words("cargo-darwin darwin init -n -p app --bench speed --git URL --tag v1")
        .map(|darwin| darwin.verb)
    {
        Ok(Verb::Init(args)) => {
            assert!(args.dry_run);
            assert_eq!((args.package.as_deref(), args.bench.as_deref()), (Some("app"), Some("speed")));
            assert_eq!((args.source.git.as_deref(), args.source.tag.as_deref()), (Some("URL"), Some("v1")));
        }
        other => panic!("{other:?}"),
    }
    for wrong in
        ["--path x --git y", "--tag v1", "--git x --tag v1 --rev 1", "--bench ../x", "--bench", "--git=-u"]
    {
        assert!(words(&format!("cargo-darwin darwin init {wrong}")).is_err(), "{wrong}");
    }
}

#[test]
fn the_word_darwin_may_be_left_out_where_cargo_does_not_stand_in_front() {
    let words = |line: &str| parse(line.split_whitespace().map(OsString::from)).map(|darwin| darwin.verb);
    assert_eq!(words("cargo-darwin check").ok(), words("cargo-darwin darwin check").ok());
    assert!(words("cargo-darwin check").is_ok());
    let help = words("cargo-darwin").unwrap_err().to_string();
    assert!(help.contains("baseline"), "{help}");
}

#[test]
fn baseline_accepts_sites_by_name_or_pattern() {
    match typed("baseline --accept a::b --accept c::*") {
        Ok(Command::Baseline(args)) => assert_eq!(args.accept.len(), 2),
        other => panic!("{other:?}"),
    }
    assert!(typed("baseline --accept").is_err());
    assert_eq!(typed("baseline --accept=").unwrap_err().kind(), ErrorKind::ValueValidation);
}

#[test]
fn wrong_usage_ends_with_the_published_code() {
    for line in [
        "check --tolerance 1",
        "check --tolerance -1%",
        "check --tolerance NaN%",
        "check --tail-tolerance 0%",
        "check --max-time 30",
        "check --measure=maybe",
        "check --require-faster=2%",
        "check --profile",
        "check --without care",
        "check --inject f",
        "check --inject f=1",
        "check extra",
        "run --top 0",
        "calibrate --checks 0",
        "calibrate --inject 0%",
        "calibrate --metric mean",
        "calibrate --against v1",
        "run --compare first",
        "run --mode guess",
        "run --format yaml",
        "run --workload a --bench b",
        "run --bin a --bench b",
        "run -- --messages",
        "run --bin=--config",
        "run -p=--config",
        "fly",
        "",
    ] {
        let error = typed(line).expect_err(line);
        assert_eq!(error.exit_code(), i32::from(ExitCode::BadInput.code()), "{line}: {error}");
    }
}

#[test]
fn a_wrong_limit_says_what_to_write() {
    for (line, remedy) in [("--tolerance -1%", "such as 1%"), ("--max-time 30", "such as 30s")] {
        let error = typed(&format!("check {line}")).unwrap_err().to_string();
        assert!(error.contains(remedy), "{error}");
    }
}

#[test]
fn help_documents_the_exit_codes() {
    for line in ["--help", "check --help", "run -h"] {
        let help = typed(line).expect_err(line);
        assert_eq!((help.kind(), help.exit_code()), (ErrorKind::DisplayHelp, 0));
        assert!(help.to_string().contains(exit_code::HELP), "{line}: {help}");
    }
}

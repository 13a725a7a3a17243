use super::*;
use crate::io::environment::testing::Machine;
use crate::model::Nanos;

/// A machine out of recorded files with 8 processors, and a cargo darwin of process 4711 on it.
fn report_of(machine: &Machine) -> SystemReport {
    let here = Here {
        roots: machine.roots(),
        allowed: (0..8).collect(),
        pid: 4711,
        run_folder: machine.roots().proc.clone(),
    };
    environment::report(&here.settings())
}

#[track_caller]
fn status(report: &SystemReport, name: &str) -> SystemStatus {
    report.checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no {name}")).status
}

/// Loads one after another: the first was seen already, each wait brings the next one.
struct Script {
    coming: Vec<Load>,
    waits: Vec<Duration>,
    told: Vec<String>,
}

impl Moments for Script {
    fn next(&mut self, wait: Duration) -> Load {
        self.waits.push(wait);
        self.coming.remove(0)
    }

    fn tell(&mut self, line: &str) {
        self.told.push(line.to_owned());
    }
}

/// 200 ms, in so many percent of which tasks waited.
fn pressed(percent: f64) -> Load {
    Load { window: Nanos(200e6), waiting: Some(Nanos(2e6 * percent)), steal_ticks: Some(0), processors: 2 }
}

fn waited(first: f64, coming: &[f64]) -> (Load, Script) {
    let mut script =
        Script { coming: coming.iter().copied().map(pressed).collect(), waits: Vec::new(), told: Vec::new() };
    (quieter(pressed(first), &mut script), script)
}

#[test]
fn a_container_with_half_a_processor_is_unfit_and_ends_with_4() {
    let report = report_of(&Machine::container());
    assert_eq!(status(&report, "quota"), SystemStatus::Unfit);
    assert_eq!(exit_code(&report), ExitCode::Invalid);
    let failure = fit(report).expect_err("nothing is measured there");
    assert_eq!(failure.exit_code(), ExitCode::Invalid);
    let words = failure.to_string();
    for needed in ["not fit to measure", "quota: 0.5 processors", "give this container 2 processors"] {
        assert!(words.contains(needed), "{words}");
    }
    assert!(failure.advice().contains("cargo darwin doctor"));
}

#[test]
fn the_document_of_a_check_on_an_unfit_machine_says_invalid_and_why() {
    let failure = fit(report_of(&Machine::container())).expect_err("nothing is measured there");
    let invalid = render::check::Invalid { reason: &failure.to_string(), advice: failure.advice() };
    let document = render::json::invalid_check(&invalid, failure.exit_code().code());
    let document: serde_json::Value = serde_json::from_str(&document).expect("it is JSON");
    assert_eq!((&document["verdict"], &document["exit_code"]), (&"INVALID".into(), &4.into()));
    assert!(document["error"].as_str().is_some_and(|why| why.contains("0.5 processors")), "{document}");
    assert_eq!(document["sites"], serde_json::json!([]));
}

#[test]
fn a_laptop_on_battery_is_noisy_and_is_measured_on() {
    let report = report_of(&Machine::laptop());
    assert_eq!(status(&report, "battery"), SystemStatus::Noisy);
    assert_eq!(status(&report, "governor"), SystemStatus::Noisy);
    assert_eq!(exit_code(&report), ExitCode::Success);
    assert_eq!(fit(report).expect("it is fit").status, SystemStatus::Noisy);
}

#[test]
fn a_virtual_machine_at_rest_is_ok() {
    let report = report_of(&Machine::virtual_machine());
    let hypervisor = report.checks.iter().find(|check| check.name == "hypervisor").unwrap();
    assert_eq!((hypervisor.status, hypervisor.value.as_str()), (SystemStatus::Ok, "QEMU"));
    assert_ne!(report.status, SystemStatus::Unfit);
}

#[test]
fn a_quiet_machine_is_not_waited_for() {
    let (load, script) = waited(9.0, &[]);
    assert_eq!((load, script.waits.len(), script.told.len()), (pressed(9.0), 0, 0));
}

#[test]
fn a_busy_one_is_waited_for_until_it_is_quiet() {
    let (load, script) = waited(80.0, &[40.0, 2.0]);
    assert_eq!((load, script.waits), (pressed(2.0), vec![WAIT; 2]));
    assert_eq!(script.told.len(), 2);
    assert!(script.told[1].contains("waiting 5 s") && script.told[1].contains("2 of 3"), "{:?}", script.told);
}

#[test]
fn after_three_waits_it_is_measured_all_the_same() {
    let (load, script) = waited(80.0, &[70.0, 60.0, 50.0]);
    assert_eq!((load, script.waits), (pressed(50.0), vec![WAIT; 3]));
    assert!(script.told.last().is_some_and(|line| line.starts_with("still busy")), "{:?}", script.told);
}

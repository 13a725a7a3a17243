use super::*;
use crate::model::{
    Builder, Load, Nanos, RunFolder, Signs, SystemStatus, TimeSource, Usage, VoidKind, VoidReason,
};

const MIB: u64 = 1 << 20;

/// A desktop with nothing to complain about, at rest.
fn quiet() -> Facts {
    Facts {
        processor: Some("Some CPU".into()),
        hypervisor: None,
        smt: Some(false),
        governors: vec!["performance".into()],
        boost: Some(true),
        clock: TimeSource { kernel: Some("tsc".into()), counter: true, went_back: false },
        address_randomness: Some(2),
        quota_processors: None,
        allowed_processors: 8,
        on_battery: None,
        available_memory_bytes: Some(8192 * MIB),
        used_swap_bytes: Some(0),
        run_folder: RunFolder {
            path: "/dev/shm".into(),
            file_system: Some("tmpfs".into()),
            free_bytes: Some(4096 * MIB),
        },
        builders: Vec::new(),
        load: load(0.0, 0),
        spins: vec![Nanos(2e6); 50],
    }
}

/// 200 ms of 8 processors, in which tasks waited for this many ms and these ticks were stolen.
fn load(waiting_ms: f64, steal_ticks: u64) -> Load {
    Load {
        window: Nanos(200e6),
        waiting: Some(Nanos(waiting_ms * 1e6)),
        steal_ticks: Some(steal_ticks),
        processors: 8,
    }
}

/// The lines that are not in order.
fn complaints(facts: &Facts) -> Vec<(String, SystemStatus)> {
    let checks = report(facts).checks.into_iter().filter(|check| check.status != SystemStatus::Ok);
    checks.map(|check| (check.name, check.status)).collect()
}

#[track_caller]
fn complains(change: impl FnOnce(&mut Facts), name: &str, status: SystemStatus) {
    let mut facts = quiet();
    change(&mut facts);
    assert_eq!(complaints(&facts), [(name.to_owned(), status)]);
    assert_eq!(report(&facts).status, status);
}

#[track_caller]
fn is_fine(change: impl FnOnce(&mut Facts)) {
    let mut facts = quiet();
    change(&mut facts);
    assert_eq!(complaints(&facts), []);
}

#[test]
fn a_quiet_machine_is_ok_and_has_no_advice() {
    let report = report(&quiet());
    assert_eq!(report.status, SystemStatus::Ok);
    assert!(report.checks.iter().all(|check| check.advice.is_empty() && !check.value.is_empty()));
}

#[test]
fn every_complaint_says_how_to_mend_it() {
    let bad = Facts {
        smt: Some(true),
        governors: vec!["powersave".into()],
        clock: TimeSource { kernel: Some("hpet".into()), counter: false, went_back: false },
        address_randomness: Some(0),
        quota_processors: Some(0.5),
        allowed_processors: 1,
        on_battery: Some(true),
        available_memory_bytes: Some(MIB),
        used_swap_bytes: Some(999 * MIB),
        run_folder: RunFolder {
            path: "/tmp".into(),
            file_system: Some("ext4".into()),
            free_bytes: Some(MIB),
        },
        builders: vec![Builder { pid: 7, name: "rustc".into() }],
        load: load(100.0, 100),
        spins: [2e6, 9e6].into_iter().cycle().take(50).map(Nanos).collect(),
        ..quiet()
    };
    let report = report(&bad);
    let silent = |check: &&SystemCheck| check.status != SystemStatus::Ok && check.advice.len() < 20;
    assert_eq!(report.checks.iter().find(silent), None);
    assert_eq!((complaints(&bad).len(), report.status), (14, SystemStatus::Unfit));
}

#[test]
fn a_machine_is_unfit_where_a_measurement_says_nothing() {
    use SystemStatus::Unfit;
    complains(|facts| facts.quota_processors = Some(0.99), "quota", Unfit);
    complains(|facts| facts.allowed_processors = 0, "processors", Unfit);
    complains(|facts| facts.clock.went_back = true, "clock", Unfit);
}

#[test]
fn a_setting_that_makes_noise_is_named() {
    use SystemStatus::Noisy;
    complains(|facts| facts.smt = Some(true), "smt", Noisy);
    complains(|facts| facts.governors.push("schedutil".into()), "governor", Noisy);
    complains(|facts| facts.clock.counter = false, "clock", Noisy);
    complains(|facts| facts.clock.kernel = Some("acpi_pm".into()), "clock", Noisy);
    complains(|facts| facts.address_randomness = Some(1), "address randomness", Noisy);
    complains(|facts| facts.quota_processors = Some(1.0), "quota", Noisy);
    complains(|facts| facts.allowed_processors = 1, "processors", Noisy);
    complains(|facts| facts.on_battery = Some(true), "battery", Noisy);
    complains(|facts| facts.available_memory_bytes = Some(511 * MIB), "memory", Noisy);
    complains(|facts| facts.used_swap_bytes = Some(65 * MIB), "swap", Noisy);
    complains(|facts| facts.run_folder.file_system = Some("ext4".into()), "run directory", Noisy);
    complains(|facts| facts.run_folder.free_bytes = Some(64 * MIB), "run directory", Noisy);
    complains(|facts| facts.builders = vec![Builder { pid: 9, name: "cargo".into() }], "other builds", Noisy);
}

#[test]
fn what_both_sides_meet_alike_is_no_complaint() {
    is_fine(|facts| facts.hypervisor = Some("KVM".into()));
    is_fine(|facts| facts.boost = Some(false));
    is_fine(|facts| facts.quota_processors = Some(2.0));
    is_fine(|facts| facts.on_battery = Some(false));
    is_fine(|facts| facts.used_swap_bytes = Some(64 * MIB));
}

#[test]
fn what_a_system_does_not_tell_is_not_held_against_it() {
    let silent = Facts { allowed_processors: 4, clock: quiet().clock, ..Facts::default() };
    assert_eq!(complaints(&silent), []);
    assert!(report(&silent).checks.iter().any(|check| check.value == "not told by this system"));
}

#[test]
fn others_at_work_are_noise_from_a_tenth_of_the_window_on() {
    complains(|facts| facts.load = load(20.1, 0), "processor pressure", SystemStatus::Noisy);
    is_fine(|facts| facts.load = load(20.0, 0));
    assert!(is_busy(&load(20.1, 0)) && !is_busy(&load(20.0, 0)));
}

#[test]
fn one_stray_tick_is_no_steal() {
    complains(|facts| facts.load = load(0.0, 2), "steal", SystemStatus::Noisy);
    let one_processor = |steal_ticks| Load { processors: 1, ..load(0.0, steal_ticks) };
    is_fine(|facts| facts.load = one_processor(1));
    assert!(is_busy(&one_processor(2)) && !is_busy(&one_processor(1)));
    let long = Load { window: Nanos(10e9), ..load(0.0, 79) };
    assert!(!is_busy(&long), "0.99 % of 8 processors");
}

#[test]
fn uneven_speed_is_told_from_the_slow_tenth() {
    let spins = |slow: usize| (0..50).map(|n| Nanos(if n < slow { 2.3e6 } else { 2e6 })).collect();
    complains(|facts| facts.spins = spins(6), "even speed", SystemStatus::Noisy);
    is_fine(|facts| facts.spins = spins(4));
}

#[test]
fn builders_are_named_up_to_three() {
    let mut facts = quiet();
    facts.builders = (1..=5).map(|pid| Builder { pid, name: "rustc".into() }).collect();
    let report = report(&facts);
    let line = report.checks.iter().find(|check| check.name == "other builds").unwrap();
    assert_eq!(line.value, "rustc (process 1), rustc (process 2), rustc (process 3), 2 more");
}

/// 140 ms on one processor, of which the two processes used 135.
fn block() -> Signs {
    Signs {
        length: Nanos(140e6),
        processors: 1,
        steal_ticks: Some(0),
        interrupt_ticks: Some(0),
        idle_ticks: Some(0),
        pressure: Some(Nanos(0.4e6)),
        throttled_periods: Some(0),
        thermal_throttles: Some(0),
        usages: vec![used(67.0), used(68.0)],
    }
}

fn used(ms: f64) -> Usage {
    Usage {
        major_faults: Some(0),
        involuntary_switches: Some(3),
        migrations: Some(0),
        cpu: Some(Nanos(ms * 1e6)),
    }
}

fn kind(signs: &Signs) -> Option<VoidKind> {
    void_reason(signs).map(|reason| reason.kind)
}

#[test]
fn a_quiet_block_counts() {
    assert_eq!(kind(&block()), None);
    assert_eq!(kind(&Signs::default()), None, "a system that tells nothing");
}

#[test]
fn each_sign_voids_with_its_figure() {
    let ms = |ms: f64| Some(Nanos(ms * 1e6));
    let crowd = vec![used(40.0), used(40.0)];
    let cases = [
        (
            Signs { steal_ticks: Some(2), ..block() },
            VoidKind::Steal,
            "14.3 % of the processor was given to other machines",
        ),
        (
            Signs { throttled_periods: Some(1), ..block() },
            VoidKind::Throttling,
            "the cgroup had used up its processor quota once",
        ),
        (
            Signs { usages: vec![used(67.0), Usage { major_faults: Some(2), ..used(68.0) }], ..block() },
            VoidKind::Faults,
            "2 pages of memory had to be read from a disk",
        ),
        (
            Signs { pressure: ms(70.0), usages: crowd, ..block() },
            VoidKind::Pressure,
            "programs waited for processors in 50.0 % of the time, and others used 42.9 % of ours",
        ),
    ];
    for (signs, kind, words) in cases {
        assert_eq!(void_reason(&signs), Some(VoidReason::new(kind, words)));
    }
}

#[test]
fn a_load_that_stays_voids_three_blocks_and_is_lived_with_until_it_has_gone() {
    let loaded = Signs { steal_ticks: Some(3), ..block() };
    let mut patience = Patience::default();
    let mut voids = |signs: &Signs, times| {
        let mut is_void = || {
            patience.begin_block();
            patience.void_reason(signs).is_some()
        };
        (0..times).filter(|_| is_void()).count()
    };
    assert_eq!(voids(&loaded, 20), 3);
    assert_eq!(voids(&block(), 1), 0);
    assert_eq!(voids(&loaded, 20), 3, "a new one disturbs anew");
}

/// Else the workload in which it does not show begins the count anew in each block, and ten void blocks end the check.
#[test]
fn a_load_that_shows_in_one_workload_of_a_block_is_lived_with_as_well() {
    let loaded = Signs { steal_ticks: Some(3), ..block() };
    let mut patience = Patience::default();
    let mut is_void = |workloads: [&Signs; 2]| {
        patience.begin_block();
        workloads.iter().any(|signs| patience.void_reason(signs).is_some())
    };
    let voids = (0..20).filter(|number| match number % 2 {
        0 => is_void([&block(), &loaded]),
        _ => is_void([&loaded, &block()]),
    });
    assert_eq!(voids.count(), 3);
    assert!(!is_void([&block(), &block()]));
    assert!(is_void([&block(), &loaded]), "a new one disturbs anew");
}

#[test]
fn a_used_up_quota_and_reads_from_disk_are_never_lived_with() {
    let throttled = Signs { throttled_periods: Some(1), ..block() };
    let faulting = Signs { usages: vec![Usage { major_faults: Some(1), ..used(135.0) }], ..block() };
    let mut patience = Patience::default();
    for signs in [throttled, faulting].iter().cycle().take(20) {
        patience.begin_block();
        assert!(patience.void_reason(signs).is_some());
    }
}

#[test]
fn one_tick_of_steal_may_be_nothing_and_a_long_block_needs_more_than_two() {
    assert_eq!(kind(&Signs { steal_ticks: Some(1), ..block() }), None);
    let long = |ticks| Signs { length: Nanos(1e9), steal_ticks: Some(ticks), ..block() };
    assert_eq!((kind(&long(3)), kind(&long(4))), (None, Some(VoidKind::Steal)));
}

#[test]
fn processes_that_wait_for_each_other_are_no_disturbance() {
    let setting_up = Signs { pressure: Some(Nanos(80e6)), ..block() };
    assert_eq!(kind(&setting_up), None, "they used the processor themselves");
    let sleeping = Signs { idle_ticks: Some(9), usages: vec![used(20.0), used(20.0)], ..setting_up };
    assert_eq!(kind(&sleeping), None, "nobody used it");
}

#[test]
fn others_that_made_nobody_wait_are_no_disturbance() {
    let spread = Signs { processors: 8, usages: vec![used(67.0), used(68.0)], ..block() };
    assert!(others_percent(&spread).is_some_and(|others| others.0 > 80.0));
    assert_eq!(kind(&spread), None);
}

#[test]
fn heat_interrupts_and_switches_are_shown_only() {
    let usage = Usage { involuntary_switches: Some(900), migrations: Some(40), ..used(67.0) };
    let signs =
        Signs { thermal_throttles: Some(9), interrupt_ticks: Some(9), usages: vec![usage, usage], ..block() };
    assert_eq!(kind(&signs), None);
}

#[test]
fn without_the_time_of_our_own_processes_nothing_is_said_of_others() {
    let unknown = Usage { cpu: None, ..used(0.0) };
    let signs = Signs { pressure: Some(Nanos(140e6)), usages: vec![unknown, unknown], ..block() };
    assert_eq!((others_percent(&signs), kind(&signs)), (None, None));
}

use super::*;
use crate::io::environment::testing::Machine;

fn facts(machine: &Machine) -> Facts {
    let roots = machine.roots();
    Here { run_folder: roots.proc.clone(), roots, allowed: vec![0, 1], pid: 4711 }.settings()
}

#[test]
fn a_laptop_is_read() {
    let facts = facts(&Machine::laptop());
    assert_eq!(facts.processor.as_deref(), Some("12th Gen Intel(R) Core(TM) i7-1260P"));
    assert_eq!((facts.hypervisor, facts.smt, facts.boost), (None, Some(true), Some(true)));
    assert_eq!(facts.governors, ["powersave"]);
    assert_eq!((facts.on_battery, facts.address_randomness), (Some(true), Some(2)));
    assert_eq!((facts.quota_processors, facts.allowed_processors), (None, 2));
    assert_eq!((facts.available_memory_bytes, facts.used_swap_bytes), (Some(9_000_000 * 1024), Some(0)));
    assert_eq!(facts.clock.kernel.as_deref(), Some("tsc"));
}

#[test]
fn a_laptop_that_charges_is_not_on_battery_whatever_its_mouse_does() {
    let machine = Machine::laptop();
    machine.sys("class/power_supply/BAT0/status", "Charging\n");
    assert_eq!(facts(&machine).on_battery, Some(false));
    assert_eq!(facts(&Machine::virtual_machine()).on_battery, None);
}

#[test]
fn a_virtual_machine_is_read() {
    let facts = facts(&Machine::virtual_machine());
    assert_eq!(facts.processor.as_deref(), Some("Intel(R) Xeon(R) Processor"));
    assert_eq!((facts.hypervisor.as_deref(), facts.smt), (Some("QEMU"), Some(false)));
    assert_eq!((facts.boost, facts.quota_processors), (None, None));
    assert!(facts.governors.is_empty());
}

#[test]
fn a_container_has_its_quota() {
    assert_eq!(facts(&Machine::container()).quota_processors, Some(0.5));
}

#[test]
fn other_words_for_the_same_are_understood() {
    let machine = Machine::new();
    machine.sys("hypervisor/type", "xen\n");
    machine.sys("devices/system/cpu/cpufreq/boost", "0\n");
    machine.sys("devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil\n");
    machine.sys("devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
    let facts = facts(&machine);
    assert_eq!((facts.hypervisor.as_deref(), facts.boost), (Some("xen"), Some(false)));
    assert_eq!(facts.governors, ["performance", "schedutil"]);
}

#[test]
fn addresses_fixed_for_this_process_alone_count_as_fixed() {
    let machine = Machine::laptop();
    machine.proc("self/personality", "00040000\n");
    assert_eq!(facts(&machine).address_randomness, Some(0));
}

#[test]
fn a_system_without_these_files_tells_nothing() {
    let facts = facts(&Machine::new());
    let told = Facts {
        clock: facts.clock.clone(),
        run_folder: facts.run_folder.clone(),
        allowed_processors: 2,
        ..Facts::default()
    };
    assert_eq!(facts, told);
}

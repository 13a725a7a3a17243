//! The processor, its clock and its power.

use super::Roots;
use crate::io::machine;
use crate::model::TimeSource;

/// `ADDR_NO_RANDOMIZE` of `man 2 personality`: switched off for this process and its children, as by `setarch -R`.
const NO_RANDOMNESS: u32 = 0x004_0000;

/// The processor's name.
pub(super) fn processor(roots: &Roots) -> Option<String> {
    machine::model(&roots.proc("cpuinfo")?)
}

/// The hypervisor's name, empty where it does not tell; `None` without one.
pub(super) fn hypervisor(roots: &Roots) -> Option<String> {
    let info = roots.proc("cpuinfo").unwrap_or_default();
    let flags = info.lines().find(|line| line.starts_with("flags")).unwrap_or_default();
    let is_flagged = flags.split_whitespace().any(|flag| flag == "hypervisor");
    let told = roots.sys("hypervisor/type").filter(|kind| !kind.is_empty());
    let vendor = || roots.sys("class/dmi/id/sys_vendor").unwrap_or_default();
    told.or_else(|| is_flagged.then(vendor))
}

/// Do two hardware threads share a core?
pub(super) fn smt(roots: &Roots) -> Option<bool> {
    flag(&roots.sys("devices/system/cpu/smt/active")?)
}

/// Frequency governors of these processors, each once, in order.
pub(super) fn governors(roots: &Roots, processors: &[usize]) -> Vec<String> {
    let of = |cpu: &usize| roots.sys(&format!("devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"));
    let mut found: Vec<String> = processors.iter().filter_map(of).collect();
    found.sort();
    found.dedup();
    found
}

/// May cores run above their nominal frequency?
pub(super) fn boost(roots: &Roots) -> Option<bool> {
    let intel = roots.sys("devices/system/cpu/intel_pstate/no_turbo").and_then(|off| flag(&off));
    intel.map(|off| !off).or_else(|| flag(&roots.sys("devices/system/cpu/cpufreq/boost")?))
}

/// The clock of the kernel, and that of measured calls.
pub(super) fn clock(roots: &Roots) -> TimeSource {
    let counter = darwin_runtime::clock::choose() == darwin_runtime::layout::clock_kind::COUNTER;
    let kernel = roots.sys("devices/system/clocksource/clocksource0/current_clocksource");
    TimeSource { kernel, counter, went_back: false }
}

/// 0 where addresses are the same in every process, 2 where they are fully random.
pub(super) fn address_randomness(roots: &Roots) -> Option<u32> {
    let personality = roots.proc("self/personality").unwrap_or_default();
    match u32::from_str_radix(personality.trim(), 16) {
        Ok(flags) if flags & NO_RANDOMNESS != 0 => Some(0),
        _ => roots.proc("sys/kernel/randomize_va_space")?.trim().parse().ok(),
    }
}

/// Is a battery of the machine (not of a mouse) being emptied? `None` where there is none.
pub(super) fn on_battery(roots: &Roots) -> Option<bool> {
    let supplies = std::fs::read_dir(roots.sys.join("class/power_supply")).ok()?;
    let discharges = |supply: std::fs::DirEntry| {
        let of = |name: &str| {
            let path = format!("class/power_supply/{}/{name}", supply.file_name().to_string_lossy());
            roots.sys(&path).unwrap_or_default()
        };
        let is_ours = of("type") == "Battery" && of("scope") != "Device";
        is_ours.then(|| of("status") == "Discharging")
    };
    supplies.flatten().filter_map(discharges).reduce(|one, other| one || other)
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

//! What stays as it is from one moment to the next: hardware, settings, limits.

use super::{NOT_TOLD, line, noisy_if};
use crate::model::{Facts, RunFolder, SystemCheck, SystemStatus, TimeSource};

/// Below one processor a quota stops the program in the middle of every period of 100 ms.
const LEAST_QUOTA_PROCESSORS: f64 = 1.0;
/// We, the kernel and the measured program share one processor below this, by quota or by number.
const ENOUGH_PROCESSORS: f64 = 2.0;
/// Governors under which a core does not change its frequency with the load.
const STEADY_GOVERNORS: [&str; 2] = ["performance", "userspace"];
/// Clock sources that take a microsecond or more to read (`Documentation/timers/hpet.rst` and kin).
const SLOW_CLOCKS: [&str; 5] = ["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"];
/// Fully random addresses; below, heap or all of a program lies at the same place in every process.
const FULL_RANDOMNESS: u32 = 2;
/// Two programs and two links need some hundred megabytes; below this the kernel throws out what it will read again.
const LEAST_MEMORY_BYTES: u64 = 512 << 20;
/// A kernel pushes out a few megabytes that nobody needs even with memory to spare.
const MOST_SWAP_BYTES: u64 = 64 << 20;
/// The logs of a block of the shortest calls take 20 MiB on both sides, those of the longest block 120.
const LEAST_ROOM_BYTES: u64 = 128 << 20;
/// File systems that are memory.
const MEMORY_FILE_SYSTEMS: [&str; 2] = ["tmpfs", "ramfs"];
/// Builders that are named, before "and N more".
const BUILDERS_NAMED: usize = 3;

pub(super) fn lines(facts: &Facts) -> Vec<SystemCheck> {
    vec![
        line("processor", SystemStatus::Ok, known(facts.processor.as_deref()), ""),
        hypervisor(facts.hypervisor.as_deref()),
        smt(facts.smt),
        governor(&facts.governors),
        line("boost", SystemStatus::Ok, on_or_off(facts.boost), ""),
        clock(&facts.clock),
        address_randomness(facts.address_randomness),
        quota(facts.quota_processors),
        processors(facts.allowed_processors),
        battery(facts.on_battery),
        memory(facts.available_memory_bytes),
        swap(facts.used_swap_bytes),
        run_directory(&facts.run_folder),
        other_builds(facts),
    ]
}

fn hypervisor(name: Option<&str>) -> SystemCheck {
    let value = match name {
        None => "none",
        Some("") => "yes",
        Some(name) => name,
    };
    line("hypervisor", SystemStatus::Ok, value, "")
}

fn smt(on: Option<bool>) -> SystemCheck {
    let advice = "two hardware threads share a core, and what runs on the other one slows the measured one: \
                  end other programs, or switch it off with `echo off | sudo tee /sys/devices/system/cpu/smt/control`";
    line("smt", noisy_if(on == Some(true)), on_or_off(on), advice)
}

fn governor(governors: &[String]) -> SystemCheck {
    let changes = governors.iter().any(|governor| !STEADY_GOVERNORS.contains(&governor.as_str()));
    let value = if governors.is_empty() { NOT_TOLD.to_owned() } else { governors.join(", ") };
    let advice = "the frequency follows the load: `sudo cpupower frequency-set -g performance` holds it";
    line("governor", noisy_if(changes), value, advice)
}

fn clock(clock: &TimeSource) -> SystemCheck {
    let ours = if clock.counter { "the processor's counter" } else { "the operating system's clock" };
    let kernel = clock.kernel.as_deref().unwrap_or("another one");
    let value = format!("{ours}; the kernel uses {kernel}");
    if clock.went_back {
        let advice = "a later reading was below an earlier one, so no latency is right: \
                      start the kernel with another clocksource=, or measure on another machine";
        return line("clock", SystemStatus::Unfit, format!("{value}; it went backwards"), advice);
    }
    let advice = "the kernel does not vouch for the processor's counter, so each call costs more to measure: \
                  see `dmesg | grep -i clocksource` for the reason, or measure on another machine";
    line("clock", noisy_if(!clock.counter || SLOW_CLOCKS.contains(&kernel)), value, advice)
}

fn address_randomness(degree: Option<u32>) -> SystemCheck {
    let value = match degree {
        None => NOT_TOLD,
        Some(0) => "off",
        Some(1) => "without the heap",
        Some(_) => "full",
    };
    let advice = "every process is placed alike, and that one placement may favour a side: \
                  `sudo sysctl kernel.randomize_va_space=2`, and no `setarch -R`";
    let fixed = degree.is_some_and(|degree| degree < FULL_RANDOMNESS);
    line("address randomness", noisy_if(fixed), value, advice)
}

fn quota(processors: Option<f64>) -> SystemCheck {
    let Some(processors) = processors else { return line("quota", SystemStatus::Ok, "none", "") };
    let advice = "the kernel stops programs that have used up their share: give this container 2 processors \
                  or more (docker: --cpus, Kubernetes: limits.cpu, systemd: CPUQuota=), or take its limit away";
    let status = match processors {
        few if few < LEAST_QUOTA_PROCESSORS => SystemStatus::Unfit,
        few => noisy_if(few < ENOUGH_PROCESSORS),
    };
    line("quota", status, format!("{processors} processors"), advice)
}

fn processors(allowed: usize) -> SystemCheck {
    let advice = "give this process a second processor (taskset, cpuset): \
                  we, the kernel and the measured program share one";
    let status = match allowed {
        0 => SystemStatus::Unfit,
        few => noisy_if((few as f64) < ENOUGH_PROCESSORS),
    };
    line("processors", status, allowed.to_string(), advice)
}

fn battery(discharging: Option<bool>) -> SystemCheck {
    let value = match discharging {
        None => "none",
        Some(false) => "plugged in",
        Some(true) => "discharging",
    };
    let advice = "frequencies are lower and change more often on battery: plug it in";
    line("battery", noisy_if(discharging == Some(true)), value, advice)
}

fn memory(available: Option<u64>) -> SystemCheck {
    let little = available.is_some_and(|bytes| bytes < LEAST_MEMORY_BYTES);
    let advice = "pages of the measured program may be thrown out and read again: end other programs";
    line("memory", noisy_if(little), available.map_or(NOT_TOLD.to_owned(), room), advice)
}

fn swap(used: Option<u64>) -> SystemCheck {
    let much = used.is_some_and(|bytes| bytes > MOST_SWAP_BYTES);
    let value = match used {
        None => NOT_TOLD.to_owned(),
        Some(0) => "not in use".to_owned(),
        Some(bytes) => format!("{} in use", size(bytes)),
    };
    let advice =
        "memory was short, and may be again: end other programs, then `sudo swapoff -a && sudo swapon -a`";
    line("swap", noisy_if(much), value, advice)
}

fn run_directory(folder: &RunFolder) -> SystemCheck {
    let kind = folder.file_system.as_deref();
    let is_memory = kind.is_some_and(|kind| MEMORY_FILE_SYSTEMS.contains(&kind));
    let is_narrow = folder.free_bytes.is_some_and(|bytes| bytes < LEAST_ROOM_BYTES);
    let parts = [kind.map(str::to_owned), folder.free_bytes.map(room)];
    let parts: Vec<String> = [folder.path.clone()].into_iter().chain(parts.into_iter().flatten()).collect();
    let advice = match (is_memory, is_narrow) {
        (_, true) => {
            "counts are lost when it is full: make room, or enlarge it (docker: --shm-size=1g; \
             else `sudo mount -o remount,size=1g /dev/shm`)"
        }
        (false, _) => {
            "it is on a disk, and a call may be stalled while the kernel writes it back: \
             make /dev/shm a tmpfs that you can write to"
        }
        (true, false) => "",
    };
    // A system that does not tell the kind (no /proc) is not blamed for it.
    line("run directory", noisy_if(is_narrow || kind.is_some() && !is_memory), parts.join(", "), advice)
}

fn other_builds(facts: &Facts) -> SystemCheck {
    let named = facts.builders.iter().take(BUILDERS_NAMED);
    let mut names: Vec<String> =
        named.map(|builder| format!("{} (process {})", builder.name, builder.pid)).collect();
    let more = facts.builders.len() - names.len();
    names.extend((more > 0).then(|| format!("{more} more")));
    let value = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let advice = "they take processors, caches and memory from what is measured: let them end first";
    line("other builds", noisy_if(!facts.builders.is_empty()), value, advice)
}

fn known(text: Option<&str>) -> &str {
    text.unwrap_or(NOT_TOLD)
}

fn on_or_off(on: Option<bool>) -> &'static str {
    match on {
        None => NOT_TOLD,
        Some(true) => "on",
        Some(false) => "off",
    }
}

fn room(bytes: u64) -> String {
    format!("{} free", size(bytes))
}

/// `23.5 GiB`, `64 MiB`.
fn size(bytes: u64) -> String {
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    if mebibytes < 1024.0 { format!("{mebibytes:.0} MiB") } else { format!("{:.1} GiB", mebibytes / 1024.0) }
}

//! A machine out of recorded files.

use std::path::Path;

use super::Roots;

/// A folder with a `/proc` and a `/sys` of its own, empty at first.
#[derive(Debug)]
pub(crate) struct Machine(tempfile::TempDir);

impl Machine {
    pub(crate) fn new() -> Machine {
        Machine(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    /// A laptop on its battery: two threads a core, `powersave`, a mouse with a battery of its own.
    pub(crate) fn laptop() -> Machine {
        let machine = Machine::new();
        machine.proc("cpuinfo", "processor\t: 0\nmodel name\t: 12th Gen Intel(R) Core(TM) i7-1260P\nflags\t\t: fpu tsc rdtscp constant_tsc\n");
        machine.proc(
            "meminfo",
            "MemTotal: 16000000 kB\nMemAvailable: 9000000 kB\nSwapTotal: 2097148 kB\nSwapFree: 2097148 kB\n",
        );
        machine.proc("sys/kernel/randomize_va_space", "2\n");
        machine.proc("self/personality", "00000000\n");
        machine.proc("self/cgroup", "0::/user.slice/user-1000.slice/session-2.scope\n");
        machine.sys("fs/cgroup/user.slice/cpu.max", "max 100000\n");
        machine.sys("devices/system/cpu/smt/active", "1\n");
        for cpu in 0..8 {
            machine.sys(&format!("devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"), "powersave\n");
        }
        machine.sys("devices/system/cpu/intel_pstate/no_turbo", "0\n");
        machine.sys("devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
        machine.sys("class/power_supply/AC/type", "Mains\n");
        machine.sys("class/power_supply/BAT0/type", "Battery\n");
        machine.sys("class/power_supply/BAT0/status", "Discharging\n");
        machine.sys("class/power_supply/hidpp_battery_0/type", "Battery\n");
        machine.sys("class/power_supply/hidpp_battery_0/scope", "Device\n");
        machine.sys("class/power_supply/hidpp_battery_0/status", "Discharging\n");
        machine
    }

    /// A virtual machine with nothing that tells about power or frequencies.
    pub(crate) fn virtual_machine() -> Machine {
        let machine = Machine::new();
        machine.proc(
            "cpuinfo",
            "model name\t: Intel(R) Xeon(R)  Processor\nflags\t\t: fpu tsc hypervisor rdtscp\n",
        );
        machine.proc(
            "meminfo",
            "MemTotal: 24684084 kB\nMemAvailable: 23703632 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
        );
        machine.proc("sys/kernel/randomize_va_space", "2\n");
        machine.proc("self/cgroup", "9:name=systemd:/\n1:cpu:/\n0::/\n");
        machine.sys("fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
        machine.sys("fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        machine.sys("class/dmi/id/sys_vendor", "QEMU\n");
        machine.sys("devices/system/cpu/smt/active", "0\n");
        machine.sys("devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
        machine
    }

    /// A container on that machine with half a processor, which it has used up often.
    pub(crate) fn container() -> Machine {
        let machine = Machine::virtual_machine();
        machine.proc("self/cgroup", "0::/\n");
        machine.sys("fs/cgroup/cpu.max", "50000 100000\n");
        machine.sys(
            "fs/cgroup/cpu.stat",
            "usage_usec 900\nnr_periods 40\nnr_throttled 31\nthrottled_usec 800\n",
        );
        machine
    }

    /// Puts a file into its `/proc`.
    pub(crate) fn proc(&self, path: &str, text: &str) {
        write(&self.roots().proc.join(path), text);
    }

    /// Puts a file into its `/sys`.
    pub(crate) fn sys(&self, path: &str, text: &str) {
        write(&self.roots().sys.join(path), text);
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots { proc: self.0.path().join("proc"), sys: self.0.path().join("sys") }
    }
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file is in a folder");
    std::fs::create_dir_all(folder).expect("a folder can be made");
    std::fs::write(path, text).expect("a file can be written");
}

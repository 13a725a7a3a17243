//! What was found about the machine, for people.

use super::paint::Tone;
use super::{Paint, safe};
use crate::model::{Nanos, Percent, Signs, SystemCheck, SystemReport, SystemStatus, TICK, Usage};

/// A line a check, with how to mend it below. Ends with a line break.
pub fn human(report: &SystemReport, paint: Paint) -> String {
    let width = report.checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> =
        report.checks.iter().flat_map(|check| check_lines(check, width, paint)).collect();
    lines.push(String::new());
    let (word, sentence) = (word(report.status), summary(report.status));
    lines.push(format!("{}: {sentence}", paint.loud(tone(report.status), word)));
    lines.join("\n") + "\n"
}

/// The same as a table. Ends with a line break.
pub fn markdown(report: &SystemReport) -> String {
    let mut out = format!("## Machine: {}\n\n{}\n\n", word(report.status), sentence(report.status));
    out.push_str("| Check | Status | Value | How to mend it |\n| --- | --- | --- | --- |\n");
    for check in &report.checks {
        let [name, value, advice] =
            [&check.name, &check.value, &check.advice].map(|part| safe::markdown(part));
        out.push_str(&format!("| {name} | {} | {value} | {advice} |\n", word(check.status)));
    }
    out
}

/// The lines that are not in order, with what mends them: `machine noisy: battery: discharging; plug it in`.
pub fn complaints(report: &SystemReport) -> Vec<String> {
    report.checks.iter().filter(|check| check.status != SystemStatus::Ok).map(complaint).collect()
}

/// Why nothing is measured here, and how to mend that.
pub fn unfit(report: &SystemReport) -> String {
    let unfit = report.checks.iter().filter(|check| check.status == SystemStatus::Unfit);
    let lines: Vec<String> = unfit.map(|check| format!("\n  {}", described(check))).collect();
    format!("this machine is not fit to measure:{}", lines.concat())
}

/// The environment of one block: `steal 0 ms, pressure 1.2 %, ...`; what the system does not tell is left out.
pub fn signs(signs: &Signs, others: Option<Percent>) -> String {
    let percent = |share: Percent| format!("{:.1} %", share.0);
    let of_block = |nanos: f64| Percent(100.0 * nanos / signs.length.0);
    let ms = |ticks: u64| format!("{:.0} ms", ticks as f64 * TICK.0 / 1e6);
    let sum = |count: fn(&Usage) -> Option<u64>| {
        let told: Vec<u64> = signs.usages.iter().filter_map(count).collect();
        (!told.is_empty()).then(|| told.iter().sum::<u64>().to_string())
    };
    let own = signs.usages.iter().map(|usage| usage.cpu).sum::<Option<Nanos>>();
    let parts = [
        ("steal", signs.steal_ticks.map(ms)),
        ("interrupts", signs.interrupt_ticks.map(ms)),
        ("idle", signs.idle_ticks.map(ms)),
        ("own time", own.map(|own| format!("{:.1} ms", own.0 / 1e6))),
        ("others", others.map(percent)),
        ("pressure", signs.pressure.map(|waited| percent(of_block(waited.0)))),
        ("throttled", signs.throttled_periods.map(|periods| periods.to_string())),
        ("hot", signs.thermal_throttles.map(|times| times.to_string())),
        ("major faults", sum(|usage| usage.major_faults)),
        ("switches", sum(|usage| usage.involuntary_switches)),
        ("migrations", sum(|usage| usage.migrations)),
    ];
    let told = parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}")));
    let length = format!("{:.0} ms", signs.length.0 / 1e6);
    [length].into_iter().chain(told).collect::<Vec<_>>().join(", ")
}

/// `machine noisy: battery: discharging; plug it in`.
fn complaint(check: &SystemCheck) -> String {
    format!("machine {}: {}", word(check.status), described(check))
}

/// `battery: discharging; plug it in`.
fn described(check: &SystemCheck) -> String {
    let [name, value, advice] = [&check.name, &check.value, &check.advice].map(|part| safe::line(part));
    let advice = if advice.is_empty() { String::new() } else { format!("; {advice}") };
    format!("{name}: {value}{advice}")
}

fn check_lines(check: &SystemCheck, width: usize, paint: Paint) -> Vec<String> {
    let [name, value, advice] = [&check.name, &check.value, &check.advice].map(|part| safe::line(part));
    let status = paint.tone(tone(check.status), &format!("{:<5}", word(check.status)));
    let advice = (!advice.is_empty()).then(|| format!("       {advice}"));
    [format!("{status}  {name:<width$}  {value}")].into_iter().chain(advice).collect()
}

fn word(status: SystemStatus) -> &'static str {
    match status {
        SystemStatus::Ok => "ok",
        SystemStatus::Noisy => "noisy",
        SystemStatus::Unfit => "unfit",
    }
}

fn tone(status: SystemStatus) -> Tone {
    match status {
        SystemStatus::Ok => Tone::Good,
        SystemStatus::Noisy => Tone::Open,
        SystemStatus::Unfit => Tone::Bad,
    }
}

fn summary(status: SystemStatus) -> &'static str {
    match status {
        SystemStatus::Ok => "this machine is fit to measure",
        SystemStatus::Noisy => "it can be measured here, with more blocks than on a quiet machine",
        SystemStatus::Unfit => "a measurement here would say nothing; `cargo darwin check` will not measure",
    }
}

fn sentence(status: SystemStatus) -> String {
    let summary = summary(status);
    let (first, rest) = summary.split_at(1);
    format!("{}{rest}.", first.to_uppercase())
}

#[cfg(test)]
mod tests {
    use snapbox::{IntoData, assert_data_eq, str};

    use super::*;

    fn check(name: &str, status: SystemStatus, value: &str, advice: &str) -> SystemCheck {
        SystemCheck { name: name.into(), status, value: value.into(), advice: advice.into() }
    }

    fn report() -> SystemReport {
        let checks = vec![
            check("processors", SystemStatus::Ok, "8", ""),
            check("quota", SystemStatus::Unfit, "0.5 processors", "give it 2 | more"),
            check("battery", SystemStatus::Noisy, "dis\x1b[31mcharging", "plug it in"),
        ];
        SystemReport { status: SystemStatus::Unfit, checks }
    }

    #[test]
    fn each_check_has_a_line_and_how_to_mend_it() {
        assert_data_eq!(
            human(&report(), Paint::Plain),
            str![[r#"
ok     processors  8
unfit  quota       0.5 processors
       give it 2 | more
noisy  battery     discharging
       plug it in

unfit: a measurement here would say nothing; `cargo darwin check` will not measure

"#]]
        );
    }

    #[test]
    fn markdown_is_a_table() {
        assert_data_eq!(
            markdown(&report()),
            str![[r#"
## Machine: unfit

A measurement here would say nothing; `cargo darwin check` will not measure.

| Check | Status | Value | How to mend it |
| --- | --- | --- | --- |
| processors | ok | 8 |  |
| quota | unfit | 0.5 processors | give it 2 &#124; more |
| battery | noisy | discharging | plug it in |

"#]]
            .raw()
        );
    }

    #[test]
    fn complaints_leave_out_what_is_in_order() {
        let lines = complaints(&report());
        let noisy = "machine noisy: battery: discharging; plug it in";
        assert_eq!(lines, ["machine unfit: quota: 0.5 processors; give it 2 | more", noisy]);
    }

    #[test]
    fn an_unfit_machine_is_told_by_what_makes_it_so_alone() {
        let text = unfit(&report());
        assert_eq!(text, "this machine is not fit to measure:\n  quota: 0.5 processors; give it 2 | more");
    }

    #[test]
    fn the_signs_of_a_block_are_one_line_without_what_is_not_told() {
        let used = Usage { major_faults: Some(1), cpu: Some(Nanos(60e6)), ..Usage::default() };
        let block = Signs {
            length: Nanos(140e6),
            processors: 1,
            steal_ticks: Some(2),
            pressure: Some(Nanos(1.4e6)),
            usages: vec![used, used],
            ..Signs::default()
        };
        assert_eq!(
            signs(&block, Some(Percent(0.42))),
            "140 ms, steal 20 ms, own time 120.0 ms, others 0.4 %, pressure 1.0 %, major faults 2"
        );
    }
}

//! `/proc/stat`: what the processors spent their time on, in ticks (`model::TICK`).
//!
//! The kernel sums nanoseconds and shows whole ticks, so a difference is off by less than one tick at either end and errors
//! do not add up.

/// Ticks of some processors together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ticks {
    /// Nothing to do, or waiting for a disk.
    pub idle: u64,
    /// Interrupts, hard and soft.
    pub interrupt: u64,
    /// Given to another virtual machine.
    pub steal: u64,
}

/// Columns behind the name: user, nice, system, idle, iowait, irq, softirq, steal (`man 5 proc_stat`).
const IDLE: [usize; 2] = [3, 4];
const INTERRUPT: [usize; 2] = [5, 6];
const STEAL: [usize; 1] = [7];

/// The sum over `processors`; `None` when none of them is there.
pub fn of(stat: &str, processors: &[usize]) -> Option<Ticks> {
    let wanted = |line: &&str| number(line).is_some_and(|number| processors.contains(&number));
    let lines: Vec<Ticks> = stat.lines().filter(wanted).map(ticks).collect();
    lines.into_iter().reduce(|sum, one| Ticks {
        idle: sum.idle + one.idle,
        interrupt: sum.interrupt + one.interrupt,
        steal: sum.steal + one.steal,
    })
}

/// Numbers of all processors that are on line.
pub fn processors(stat: &str) -> Vec<usize> {
    stat.lines().filter_map(number).collect()
}

/// 7 of `cpu7 ...`; the line `cpu` has none.
fn number(line: &str) -> Option<usize> {
    line.split_whitespace().next()?.strip_prefix("cpu")?.parse().ok()
}

fn ticks(line: &str) -> Ticks {
    let columns: Vec<u64> = line.split_whitespace().skip(1).map(|word| word.parse().unwrap_or(0)).collect();
    let sum = |wanted: &[usize]| wanted.iter().filter_map(|column| columns.get(*column)).sum();
    Ticks { idle: sum(&IDLE), interrupt: sum(&INTERRUPT), steal: sum(&STEAL) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str =
        "cpu  30 1 8 110 7 3 5 4 0 0\ncpu0 10 0 3 60 3 1 2 1 0 0\ncpu1 20 1 5 50 4 2 3 3 0 0\nintr 5 0\n";

    #[test]
    fn columns_are_those_of_the_manual() {
        assert_eq!(of(STAT, &[1]), Some(Ticks { idle: 54, interrupt: 5, steal: 3 }));
        assert_eq!(of(STAT, &[0, 1]), Some(Ticks { idle: 117, interrupt: 8, steal: 4 }));
    }

    #[test]
    fn a_processor_that_is_not_there_has_no_ticks() {
        assert_eq!((of(STAT, &[7]), of("", &[0])), (None, None));
    }

    #[test]
    fn a_kernel_before_steal_was_counted_has_none() {
        assert_eq!(of("cpu0 10 0 3 60", &[0]), Some(Ticks { idle: 60, interrupt: 0, steal: 0 }));
    }

    #[test]
    fn the_line_of_all_together_is_no_processor() {
        assert_eq!(processors(STAT), [0, 1]);
    }
}

//! Which linker a command uses, and how the same link is asked of lld, the one that can put functions in another order
//! and leave data where it is: bfd and gold cannot, mold moves data too.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::printed::{Printed, words};

/// Whom the arguments are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speaks {
    /// A compiler driver such as `cc`: the linker's own options stand behind `-Wl,`.
    Driver,
    /// The linker itself.
    Linker,
}

/// A link that lld does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByLld {
    /// The command.
    pub command: Printed,
    /// Whom it speaks to.
    pub speaks: Speaks,
    /// The linker that the user has chosen, if that is not lld.
    pub instead_of: Option<String>,
}

impl Speaks {
    /// An option for the linker as it stands on the command line.
    pub fn option(self, option: &str) -> String {
        match self {
            Speaks::Driver => format!("-Wl,{option}"),
            Speaks::Linker => option.to_owned(),
        }
    }

    fn of(command: &Printed) -> Speaks {
        match is_linker(&command.program) {
            true => Speaks::Linker,
            false => Speaks::Driver,
        }
    }
}

impl ByLld {
    /// The command with lld as its linker. Where the toolchain brings no lld it stays as it is, and a trial will tell.
    pub fn of(mut command: Printed) -> ByLld {
        let speaks = Speaks::of(&command);
        let instead_of = foreign(&command, speaks);
        if let (Some(_), Some(lld)) = (&instead_of, toolchain_lld(&command.args)) {
            match speaks {
                Speaks::Driver => {
                    command.args.retain(|arg| chosen(arg).is_none());
                    command
                        .args
                        .extend([format!("-B{}", lld.join("gcc-ld").display()), "-fuse-ld=lld".into()]);
                }
                Speaks::Linker => {
                    command.program = text(&lld.join("rust-lld"));
                    command.args.splice(0..0, ["-flavor".into(), "gnu".into()]);
                }
            }
        }
        ByLld { command, speaks, instead_of }
    }

    /// The same without the driver in between: a third of the time of a small link is the driver's. The driver tells
    /// with `-###` what it would run. `None` where it does not, or where it would run another linker than the
    /// toolchain's.
    pub fn without_driver(&self, directory: &Path) -> Option<ByLld> {
        let lld = toolchain_lld(&self.command.args)?.join("rust-lld");
        if self.speaks == Speaks::Linker || !lld.is_file() {
            return None;
        }
        let mut driver = Command::new(&self.command.program);
        driver.envs(self.command.variables.iter().map(|(name, value)| (name, value)));
        driver.args(&self.command.args).arg("-###").current_dir(directory).stdin(Stdio::null());
        let told = String::from_utf8(driver.output().ok()?.stderr).ok()?;
        let args = told.lines().rev().find_map(linker_args)?;
        let args = ["-flavor".to_owned(), "gnu".to_owned()].into_iter().chain(args).collect();
        let command = Printed { program: text(&lld), args, ..self.command.clone() };
        Some(ByLld { command, speaks: Speaks::Linker, instead_of: self.instead_of.clone() })
    }
}

/// What `collect2` (gcc) or the linker (clang) is given, without what concerns gcc's own plugin. `None` for other lines.
fn linker_args(line: &str) -> Option<Vec<String>> {
    let mut words = words(line)?.into_iter();
    let program = words.next()?;
    let name = Path::new(&program).file_name()?.to_str()?;
    if name != "collect2" && !is_linker(&program) {
        return None;
    }
    let mut args = Vec::new();
    while let Some(word) = words.next() {
        if word == "-plugin" {
            words.next();
        } else if !word.starts_with("-plugin-opt") && chosen(&word).is_none() {
            args.push(word);
        }
    }
    Some(args)
}

/// `ld`, `ld.lld-18`, `rust-lld`, `x86_64-linux-gnu-ld`, `mold`: a linker and no driver, by its name.
fn is_linker(program: &str) -> bool {
    let name =
        Path::new(program).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    name.split(['-', '.']).any(|part| ["ld", "lld", "mold", "gold", "wild"].contains(&part))
}

/// The linker that the command uses, if it is not lld.
fn foreign(command: &Printed, speaks: Speaks) -> Option<String> {
    let used = match speaks {
        Speaks::Linker => command.program.as_str(),
        // The last one counts.
        Speaks::Driver => match command.args.iter().rev().find_map(|arg| chosen(arg)) {
            Some(linker) => linker,
            None => return Some("the system's linker".to_owned()),
        },
    };
    let name = Path::new(used).file_name().map_or(used.into(), |name| name.to_string_lossy());
    (!name.contains("lld")).then(|| name.into_owned())
}

/// The linker that an argument of a driver chooses.
fn chosen(arg: &str) -> Option<&str> {
    arg.strip_prefix("-fuse-ld=").or_else(|| arg.strip_prefix("--ld-path="))
}

/// The folder with `rust-lld` and `gcc-ld` of the toolchain whose libraries are linked.
fn toolchain_lld(args: &[String]) -> Option<PathBuf> {
    const LIBRARIES: &str = "/lib/rustlib/";
    let inside = args.iter().find_map(|arg| arg.find(LIBRARIES).map(|at| &arg[..at + LIBRARIES.len()]))?;
    let hosts = Path::new(inside.trim_start_matches("-L").trim_start_matches("-B")).read_dir().ok()?;
    let folders = hosts.filter_map(|host| Some(host.ok()?.path().join("bin")));
    folders.into_iter().find(|folder| folder.join("gcc-ld/ld.lld").is_file())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str, args: &[&str]) -> Printed {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Printed { program: program.to_owned(), variables: Vec::new(), args, output: String::new() }
    }

    fn instead_of(program: &str, args: &[&str]) -> Option<String> {
        ByLld::of(command(program, args)).instead_of
    }

    #[test]
    fn the_last_linker_that_a_driver_is_told_is_the_one_it_uses() {
        assert_eq!(instead_of("cc", &["-fuse-ld=mold", "-fuse-ld=lld"]), None);
        assert_eq!(instead_of("cc", &["-fuse-ld=lld", "-fuse-ld=mold"]), Some("mold".into()));
        assert_eq!(instead_of("clang", &["--ld-path=/opt/bin/ld.bfd"]), Some("ld.bfd".into()));
        assert_eq!(instead_of("clang", &["--ld-path=/opt/bin/ld.lld-18"]), None);
        assert_eq!(instead_of("cc", &["-m64"]), Some("the system's linker".into()));
    }

    #[test]
    fn a_linker_that_is_called_without_a_driver_is_known_by_its_name() {
        for (program, speaks) in [
            ("/usr/bin/ld", Speaks::Linker),
            ("rust-lld", Speaks::Linker),
            ("ld.lld-18", Speaks::Linker),
            ("x86_64-linux-gnu-ld", Speaks::Linker),
            ("mold", Speaks::Linker),
            ("cc", Speaks::Driver),
            ("x86_64-linux-gnu-gcc-12", Speaks::Driver),
            ("/home/build/clang", Speaks::Driver),
        ] {
            assert_eq!(ByLld::of(command(program, &[])).speaks, speaks, "{program}");
        }
        assert_eq!(instead_of("mold", &[]), Some("mold".into()));
        assert_eq!(Speaks::Driver.option("--x"), "-Wl,--x");
    }

    #[test]
    fn what_gcc_and_clang_would_run_is_read_without_the_plugin_of_gcc() {
        let gcc = r#" /usr/lib/gcc/collect2 -plugin /x/liblto.so "-plugin-opt=-fresolution=/tmp/a b.res" -pie "-fuse-ld=lld" -o /t/out "a b.o""#;
        assert_eq!(linker_args(gcc).unwrap(), ["-pie", "-o", "/t/out", "a b.o"]);
        let clang = r#" "/usr/bin/ld.lld" "-pie" "-o" "/t/out""#;
        assert_eq!(linker_args(clang).unwrap(), ["-pie", "-o", "/t/out"]);
        for other in
            ["COLLECT_GCC_OPTIONS='-m64' '-o' 'x'", "gcc version 12.2.0 (Debian)", "", "\"unfinished"]
        {
            assert_eq!(linker_args(other), None, "{other}");
        }
    }
}

//! RELIABILITY G6: text that a shell, git or cargo could take for something to run, wherever text comes in. Nothing named
//! `canary` ever appears.

use std::fs;

use darwin_tests::Ended;
use darwin_tests::soak::{self, is_full, size};

use super::states::{self, CRATE, Run};
use super::{Kit, command};

/// One place where text comes in.
struct Entrance {
    name: &'static str,
    /// `{canary}` stands for the full path of the file that must not appear.
    payloads: &'static [&'static str],
    set_up: fn(&Kit, &str) -> Run,
    /// It works, or is refused.
    codes: &'static [i32],
    /// Also in the small size, with the first payload.
    is_small: bool,
}

const REFUSED: &[i32] = &[2];
const WORKS: &[i32] = &[0];

/// For options whose value a shell, git or cargo might see.
const WORDS: &[&str] = &[
    "$(touch {canary})",
    "--config=build.rustc-wrapper='{canary}'",
    ";touch {canary};",
    "`touch {canary}`",
    "a\ntouch {canary}",
];

const ENTRANCES: &[Entrance] = &[
    Entrance {
        name: "revision",
        payloads: &[
            "--output={canary}",
            "--upload-pack=touch {canary}",
            "-oProxyCommand=touch {canary}",
            "--exec=touch {canary}",
            "--all",
            "-",
            "$(touch {canary})",
            "`touch {canary}`",
            "HEAD;touch {canary}",
            "HEAD|touch {canary}",
            "HEAD&touch {canary}&",
            "HEAD\ntouch {canary}",
            "HEAD --output={canary}",
            "HEAD'; touch {canary} #",
            "HEAD\"; touch {canary} #",
            "HEAD^{/$(touch {canary})}",
            ":/--output={canary}",
            "HEAD:darwin.toml",
            "ext::sh -c touch% {canary}",
            "%s%n%x00",
            "",
        ],
        set_up: |kit, payload| option(kit, "--against", payload),
        codes: REFUSED,
        is_small: true,
    },
    Entrance {
        name: "package",
        payloads: WORDS,
        set_up: |kit, payload| option(kit, "--package", payload),
        codes: REFUSED,
        is_small: true,
    },
    Entrance {
        name: "bench",
        payloads: WORDS,
        set_up: |kit, payload| option(kit, "--bench", payload),
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "bin",
        payloads: &["--config=build.rustc-wrapper='{canary}'", "../../../{canary}"],
        set_up: |kit, payload| option(kit, "--bin", payload),
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "example and test",
        payloads: &["$(touch {canary})", "--", "\\\";touch {canary}"],
        set_up: |kit, payload| option(kit, if payload == "--" { "--example" } else { "--test" }, payload),
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "workload",
        payloads: &["$(touch {canary})", ";touch {canary}", "../*"],
        set_up: |kit, payload| option(kit, "--workload", payload),
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "manifest path",
        payloads: &["$(touch {canary})/Cargo.toml", "-Zunstable-options", "|touch {canary}"],
        set_up: |kit, payload| option(kit, "--manifest-path", payload),
        codes: REFUSED,
        is_small: true,
    },
    Entrance {
        name: "features",
        payloads: &["$(touch {canary})", "--config=build.rustc-wrapper='{canary}'", "a/b;touch {canary}"],
        set_up: |kit, payload| option(kit, "--features", payload),
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "target triple",
        payloads: &["$(touch {canary})", "../{canary}.json", "--print=link-args"],
        set_up: |kit, payload| option(kit, "--target", payload),
        // rustc knows which targets there are.
        codes: &[2, 4],
        is_small: false,
    },
    Entrance {
        name: "profile",
        payloads: &["$(touch {canary})", "--release"],
        set_up: |kit, payload| option(kit, "--config-profile", payload),
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "test command",
        payloads: &["$(touch {canary})", ";touch {canary}", "`touch`", "cargo --version ;touch {canary}"],
        set_up: |kit, payload| option(kit, "--test-command", payload),
        // A program that is not there, tests that fail, or a program that overlooks its last words.
        codes: &[0, 1, 2],
        is_small: true,
    },
    Entrance {
        name: "argument of a workload",
        payloads: &["$(touch {canary})", ";touch {canary}", "--skip=`touch {canary}`", "%s%n"],
        set_up: |kit, payload| {
            let run = states::clean(kit);
            let args = ["--bench", "work", "--", payload].map(str::to_owned).to_vec();
            Run { args, ..run }
        },
        // A bench that none of its arguments fits.
        codes: &[0, 2, 4],
        is_small: false,
    },
    Entrance {
        name: "variable",
        payloads: &["$(touch {canary})", "--output={canary}"],
        set_up: |kit, payload| {
            let run = states::clean(kit);
            Run { variables: vec![("DARWIN_PROFILE", payload.into())], ..run }
        },
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "values in darwin.toml that are looked up",
        payloads: &[
            "[[workload]]\nbench = \"$(touch {canary})\"\n",
            "[[workload]]\nbench = \"--config=build.rustc-wrapper='{canary}'\"\n",
            "[[workload]]\nbench = \"work\"\npackage = \";touch {canary}\"\n",
            "tolerance = \"$(touch {canary})%\"\n",
            "test-command = [\"$(touch {canary})\"]\n",
            "\"$(touch {canary})\" = 1\n",
        ],
        set_up: configured,
        codes: REFUSED,
        is_small: false,
    },
    Entrance {
        name: "values in darwin.toml that are handed on",
        payloads: &[
            "[[workload]]\nbench = \"work\"\nname = \"$(touch {canary})\"\n",
            "[[workload]]\nbench = \"work\"\nname = \"../../{canary}\"\n",
            "[[workload]]\nbench = \"work\"\nname = \";touch {canary}; %s\"\n",
            "[[site]]\nmatch = \"`touch {canary}`*\"\ntolerance = \"2%\"\n",
            "[profile.\"--output={canary}\"]\ntolerance = \"2%\"\n",
        ],
        set_up: configured,
        codes: WORKS,
        is_small: true,
    },
    Entrance {
        name: "name of a site",
        payloads: &["$(touch {canary})", "--output={canary}", ";touch {canary}; %s", "../../{canary}"],
        set_up: |kit, payload| {
            let named = format!("#[darwin_runtime::hotpath(name = {payload:?})]\npub fn mix(");
            kit.replace("src/lib.rs", "#[darwin_runtime::hotpath]\npub fn mix(", &named);
            states::clean(kit)
        },
        // The attribute says which names there are.
        codes: &[0, 4],
        is_small: false,
    },
    Entrance {
        name: "name of a file",
        payloads: &[
            "$(touch canary)",
            "`touch canary`",
            ";touch canary;",
            "|touch canary",
            "--output=canary",
            "-rf",
            "a\ntouch canary\n",
            "%s%n'\"\\",
            ":(attr:filter=x)canary.rs",
        ],
        set_up: |kit, payload| {
            kit.write(&format!("{CRATE}/{payload}"), "");
            kit.write(&format!("{CRATE}/folder {payload}/{payload}"), "");
            states::clean(kit)
        },
        codes: WORKS,
        is_small: true,
    },
    Entrance {
        name: "name of a branch",
        payloads: &[
            "$(touch${IFS}canary)",
            "--upload-pack=touch",
            "-oProxyCommand=touch",
            ";touch${IFS}canary",
            "|touch${IFS}canary",
            "%s%n",
        ],
        set_up: |kit, payload| {
            let run = states::clean(kit);
            kit.git(CRATE, ["update-ref", &format!("refs/heads/{payload}"), "HEAD"]);
            kit.git(CRATE, ["symbolic-ref", "HEAD", &format!("refs/heads/{payload}")]);
            Run { args: vec![format!("--against=refs/heads/{payload}")], ..run }
        },
        codes: WORKS,
        is_small: true,
    },
    Entrance {
        name: "name of a package or target",
        payloads: &["$(touch canary)", "--config", ";touch canary"],
        set_up: |kit, payload| {
            let run = states::clean(kit);
            let key = if payload.starts_with('-') { "gate-fixture" } else { "work" };
            kit.replace("Cargo.toml", &format!("name = \"{key}\""), &format!("name = {payload:?}"));
            kit.replace("Cargo.toml", "harness = false", "harness = false\npath = \"benches/work.rs\"");
            run
        },
        codes: &[0, 2, 4],
        is_small: false,
    },
    Entrance {
        name: ".gitmodules",
        payloads: &[
            "[submodule \"sub\"]\npath = sub\nurl = ext::sh -c touch% {canary}\nupdate = !touch {canary}\n",
            "[submodule \"../../hooks\"]\npath = sub\nurl = --upload-pack=touch {canary}\n",
            "[submodule \"sub\"]\npath = -u./{canary}\nurl = -oProxyCommand=touch {canary}\n",
        ],
        set_up: |kit, payload| {
            kit.write(&format!("{CRATE}/.gitmodules"), payload);
            states::clean(kit);
            let head = kit.git(CRATE, ["rev-parse", "HEAD"]);
            kit.git(CRATE, ["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", head.trim())]);
            kit.git(CRATE, ["commit", "--quiet", "--message", "a submodule that is nowhere"]);
            Run { args: vec!["--against".into(), "HEAD".into()], ..states::plain(kit) }
        },
        codes: WORKS,
        is_small: true,
    },
    Entrance {
        name: ".gitattributes",
        payloads: &[
            "* filter=$(touch${IFS}canary) diff=;touch merge=`touch`\n",
            "*.txt working-tree-encoding=$(touch${IFS}canary)\n",
            "* export-subst ident -text filter=--config\n",
        ],
        set_up: |kit, payload| {
            // The encoding is none, which git says when it is added.
            let run = states::clean(kit);
            kit.write(&format!("{CRATE}/.git/info/attributes"), payload);
            run
        },
        codes: &[0, 4],
        is_small: false,
    },
    Entrance {
        name: "path of the repository",
        payloads: &["$(touch canary)", ";touch canary;", "-oProxyCommand=touch canary", "%s%n'\\"],
        set_up: |kit, payload| {
            let run = states::clean(kit);
            let folder = kit.path("above").join(payload);
            fs::create_dir(&folder).expect("a folder can be made");
            fs::rename(kit.crate_folder(), folder.join("crate")).expect("a folder can be moved");
            Run { folder: folder.join("crate"), ..run }
        },
        codes: WORKS,
        is_small: false,
    },
];

fn option(kit: &Kit, name: &str, payload: &str) -> Run {
    let run = states::clean(kit);
    Run { args: vec![format!("{name}={payload}")], ..run }
}

fn configured(kit: &Kit, payload: &str) -> Run {
    let run = states::clean(kit);
    kit.write(&format!("{CRATE}/darwin.toml"), payload);
    run
}

/// What the check of one payload ended with.
fn try_payload(kit: &Kit, entrance: &Entrance, payload: &str) -> i32 {
    kit.start_anew();
    let canary = kit.path("elsewhere/canary");
    let text = payload.replace("{canary}", &canary.display().to_string());
    let run = (entrance.set_up)(kit, &text);
    kit.settle();
    let before = kit.seen();
    let ended = Ended::of(&mut command(kit, &run));
    let what = format!("{} {payload:?}\n{ended}", entrance.name);
    super::is_unchanged(&before, &kit.seen(), &what);
    let canaries = kit.all_named("canary");
    assert!(canaries.is_empty(), "{what}\n{canaries:?} are there");
    assert!(entrance.codes.contains(&ended.code), "{what}\nended with none of {:?}", entrance.codes);
    ended.code
}

#[test]
fn text_from_outside_is_never_run() {
    let kit = Kit::new();
    let entrances = ENTRANCES.iter().filter(|entrance| is_full() || entrance.is_small);
    let mut tried = 0;
    for entrance in entrances {
        let payloads = &entrance.payloads[..size(1, entrance.payloads.len())];
        let codes: Vec<i32> = payloads.iter().map(|payload| try_payload(&kit, entrance, payload)).collect();
        tried += codes.len();
        soak::show(&format!("| {} | {} | {codes:?} |", entrance.name, codes.len()));
    }
    soak::show(&format!("{tried} payloads, no canary"));
}

#[test]
fn there_are_sixty_payloads() {
    let payloads: usize = ENTRANCES.iter().map(|entrance| entrance.payloads.len()).sum();
    assert!(payloads >= 60, "{payloads}");
}

//! The crates: what is measured in each, the bench that calls it, and a mistake that makes it slower.

use std::fs;

use darwin_tests::Fixture;

use super::registry;

/// Wide, because the mistakes cost much more, and the machine may do other things as well.
const SETTINGS: &str = r#"tolerance = "10%"
tail-tolerance = "off"
max-time = "90s"

# The functions are judged, not the bench around them.
[[site]]
match = "speed::*"
gate = false
"#;

/// What is added to a published manifest.
const DARWIN: &str = r#"
[[bench]]
name = "speed"
harness = false

[dependencies.darwin-runtime]
path = "{darwin-runtime}"

[workspace]
"#;

/// A crate of the registry.
pub struct Published {
    pub name: &'static str,
    pub version: &'static str,
    /// The file with the measured function.
    pub source: &'static str,
    /// Above this text the attribute is put.
    item: &'static str,
    /// The measured function, as reports call it.
    pub site: &'static str,
    /// A text of the file, and what somebody makes of it.
    mistake: [&'static str; 2],
    bench: &'static str,
}

impl Published {
    /// The crate as it is published, with a bench of ours, committed; the runtime is a dependency already.
    pub fn plain(&self) -> Fixture {
        let from = registry::source(self.name, self.version);
        let manifest = fs::read_to_string(from.join("Cargo.toml")).expect("a crate has a manifest");
        let manifest = registry::without_development(&manifest) + DARWIN;
        let fixture = Fixture::of_folder("fixtures", &from, &manifest);
        fixture.write("benches/speed.rs", self.bench);
        fixture.write("darwin.toml", SETTINGS);
        fixture.commit("a bench");
        fixture
    }

    /// The same with the attribute, committed.
    pub fn annotated(&self) -> Fixture {
        let fixture = self.plain();
        self.annotate(&fixture);
        fixture.commit("measured");
        fixture
    }

    pub fn annotate(&self, fixture: &Fixture) {
        let indented = self.item.len() - self.item.trim_start().len();
        let attribute = format!("{}#[darwin_runtime::hotpath]\n{}", &self.item[..indented], self.item);
        fixture.replace(self.source, self.item, &attribute);
    }

    pub fn make_the_mistake(&self, fixture: &Fixture) {
        let [before, after] = self.mistake;
        fixture.replace(self.source, before, after);
    }
}

/// The first is judged at every size.
pub const CRATES: &[Published] = &[
    // Edition 2018, always `no_std`, `deny(missing_docs)`, a dependency of its own. The mistake takes the slow one of its two
    // machines.
    Published {
        name: "csv-core",
        version: "0.1.12",
        source: "src/reader.rs",
        item: "    pub fn read_record(",
        site: "csv_core::reader::Reader::read_record",
        mistake: [
            "if self.use_nfa {\n            self.read_record_nfa(",
            "if !self.use_nfa {\n            self.read_record_nfa(",
        ],
        bench: r#"//! A table of orders.

use csv_core::{ReadRecordResult, Reader};
use darwin_runtime::Bencher;

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

#[darwin_runtime::bench]
fn records(b: &mut Bencher) {
    let line = |n: u32| format!("{n},a customer of some name,\"{n}, Long Street\",{}.50\n", n * 7 % 1000);
    let text: String = (0..300).map(line).collect();
    b.items(300).iter(|| count(text.as_bytes()));
}

fn count(mut text: &[u8]) -> usize {
    let (mut reader, mut fields, mut ends, mut records) = (Reader::new(), [0; 1024], [0; 16], 0);
    loop {
        let (result, read, _, _) = reader.read_record(text, &mut fields, &mut ends);
        text = &text[read..];
        match result {
            ReadRecordResult::Record => records += 1,
            ReadRecordResult::End => return records,
            _ => {}
        }
    }
}

darwin_runtime::main!();
"#,
    },
    // Edition 2018, `no_std` unless the feature `std` is on, a build script, a bench profile of its own, lints on undocumented
    // unsafe code; its authors keep Cargo.lock out of git.
    Published {
        name: "httparse",
        version: "1.10.1",
        source: "src/lib.rs",
        item: "    pub fn parse(&mut self, buf: &'b [u8]) -> Result<usize> {",
        site: "httparse::Request::parse",
        mistake: [
            "        let orig_len = buf.len();\n",
            "        let orig_len = buf.len();\n        let tokens = buf.iter().filter(|byte| is_header_value_token(**byte)).count();\n        if core::hint::black_box(tokens) > orig_len {\n            return Err(Error::Token);\n        }\n",
        ],
        bench: r#"//! A request as browsers send it.

use darwin_runtime::Bencher;

const REQUEST: &[u8] = b"GET /news/2031/a-page-with-a-rather-long-name.html?from=start&lang=en HTTP/1.1\r\n\
Host: www.example.org\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
Accept-Language: en-GB,en;q=0.5\r\n\
Accept-Encoding: gzip, deflate, br\r\n\
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; seen=1,2,3,4,5,6,7,8\r\n\
Connection: keep-alive\r\n\r\n";

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

#[darwin_runtime::bench]
fn request(b: &mut Bencher) {
    b.bytes(REQUEST.len() as u64).iter(|| {
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut headers);
        request.parse(std::hint::black_box(REQUEST)).map(|status| status.is_complete())
    });
}

darwin_runtime::main!();
"#,
    },
    // Edition 2018, `forbid(unsafe_code)`, a dozen denied lints, a method of a trait. The mistake is a condition that is never
    // true, so that the fast loop is never entered.
    Published {
        name: "base64",
        version: "0.22.1",
        source: "src/engine/general_purpose/mod.rs",
        item: "    fn internal_encode(&self, input: &[u8], output: &mut [u8]) -> usize {",
        site: "<base64::engine::general_purpose::GeneralPurpose as base64::engine::Engine>::internal_encode",
        mistake: ["if last_fast_index > 0 {", "if last_fast_index > input.len() {"],
        bench: r#"//! A picture of some kilobytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use darwin_runtime::Bencher;

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

#[darwin_runtime::bench]
fn encode(b: &mut Bencher) {
    let picture: Vec<u8> = (0..6000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut text = vec![0; 8000];
    b.bytes(6000).iter(|| STANDARD.encode_slice(std::hint::black_box(&picture), &mut text));
}

darwin_runtime::main!();
"#,
    },
    // Edition 2015, `no_std` unless the feature `std` is on, the attribute on an `impl` of a foreign trait. The mistake takes
    // each half of a byte by itself.
    Published {
        name: "fnv",
        version: "1.0.7",
        source: "lib.rs",
        item: "impl Hasher for FnvHasher {",
        site: "<fnv::FnvHasher as core::hash::Hasher>::write",
        mistake: [
            "            hash = hash ^ (*byte as u64);\n",
            "            hash = hash ^ (*byte as u64 >> 4);\n            hash = hash.wrapping_mul(0x100000001b3);\n            hash = hash ^ (*byte as u64 & 15);\n",
        ],
        bench: r#"//! A text of some length.

extern crate darwin_runtime;
extern crate fnv;

use std::hash::Hasher;

use darwin_runtime::Bencher;

#[global_allocator]
static ALLOC: darwin_runtime::Alloc = darwin_runtime::Alloc::system();

#[darwin_runtime::bench]
fn hash(b: &mut Bencher) {
    let text = [7; 400];
    b.bytes(400).iter(|| {
        let mut hasher = fnv::FnvHasher::default();
        hasher.write(std::hint::black_box(&text));
        hasher.finish()
    });
}

darwin_runtime::main!();
"#,
    },
];

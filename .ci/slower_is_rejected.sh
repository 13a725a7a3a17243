#!/usr/bin/env bash
# A gate that approves everything would pass the main job. So: a clone in which `Book::insert` takes at least twice as
# long must end with exit code 1, and the site must be named.
set -euo pipefail
readonly REJECT=1

root=$PWD
darwin=$(realpath "${CARGO_TARGET_DIR:-target}")/release/cargo-darwin
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

git clone --quiet "$root" "$temporary/clone"
cd "$temporary/clone"
"$root/.ci/slow_insert.sh" examples/order-book/src/book.rs
git --no-pager diff

code=0
env -u CARGO_TARGET_DIR "$darwin" darwin check -p order-book > "$temporary/report" || code=$?
cat "$temporary/report"
if [ "$code" -ne "$REJECT" ]; then
    echo "expected REJECT (exit code $REJECT), but the check ended with $code" >&2
    exit 1
fi
if ! grep -Eq 'Book::insert +REJECT' "$temporary/report"; then
    echo "REJECT, but not of Book::insert" >&2
    exit 1
fi

# Headings with the time since the start. To be sourced.

CURRENT_STEP="start"
SECONDS=0

elapsed() {
    printf '%02d:%02d' $((SECONDS / 60)) $((SECONDS % 60))
}

step() {
    CURRENT_STEP=$1
    printf '\n=== [%s] %s\n' "$(elapsed)" "$1"
}

finish() {
    CURRENT_STEP=""
    printf '\n=== [%s] all steps passed\n' "$(elapsed)"
}

say_what_failed() {
    local code=$?
    if [ -n "$CURRENT_STEP" ]; then
        printf '\n=== [%s] FAILED: %s (exit code %d)\n' "$(elapsed)" "$CURRENT_STEP" "$code" >&2
    fi
}
trap say_what_failed EXIT

# `cargo darwin check` builds the commit that last changed the baseline file: it has to be in the clone.
require_full_clone() {
    if [ "$(git rev-parse --is-shallow-repository)" != "false" ]; then
        echo "this clone is shallow: check out with the full history (git fetch --unshallow)" >&2
        return 1
    fi
    git log -1 --format='baseline of the order book: %h %s' -- examples/order-book/darwin.baseline.toml
}

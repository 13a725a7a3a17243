#!/usr/bin/env bash
# Every relative link of the Markdown files leads to a file that is there.
set -euo pipefail

broken=0
while IFS=: read -r file link; do
    target=${link#*](}
    target=${target%)}
    target=${target%%#*}
    if [ -n "$target" ] && [ ! -e "$(dirname "$file")/$target" ]; then
        echo "$file: no such file: $target" >&2
        broken=1
    fi
done < <(git ls-files '*.md' | xargs grep -oHE '\]\([^)[:space:]]+\)' | grep -vE '\]\((https?:|mailto:)')
exit "$broken"

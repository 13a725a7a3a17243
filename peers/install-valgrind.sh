#!/usr/bin/env bash
# What `counts` needs, from Debian, if it is missing.
set -euo pipefail

if command -v valgrind > /dev/null; then
    exit 0
fi
if ! command -v apt-get > /dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "there is no valgrind: install it, or run this as root where there is apt-get" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends valgrind

#!/usr/bin/env bash
# Installs git, a C compiler (rustc links with it) and the Rust tools, each only if it is missing.
set -euo pipefail

missing_packages() {
    command -v git > /dev/null || echo git
    command -v cc > /dev/null || echo build-essential
    if ! command -v cargo > /dev/null && ! command -v curl > /dev/null; then
        echo curl ca-certificates
    fi
}

install_packages() {
    local packages
    mapfile -t packages < <(missing_packages | tr ' ' '\n')
    if [ ${#packages[@]} -eq 0 ]; then
        return
    fi
    if ! command -v apt-get > /dev/null || [ "$(id -u)" -ne 0 ]; then
        echo "missing: ${packages[*]}; install them, or run this as root where there is apt-get" >&2
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get install --yes --no-install-recommends "${packages[@]}"
}

install_rust() {
    if ! command -v cargo > /dev/null; then
        curl --proto '=https' --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs |
            sh -s -- -y --profile minimal --component rustfmt --component clippy
        export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    fi
    local component
    for component in rustfmt clippy; do
        if ! cargo "${component/rustfmt/fmt}" --version > /dev/null 2>&1; then
            rustup component add "$component"
        fi
    done
}

install_packages
install_rust

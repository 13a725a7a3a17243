
# `cargo darwin` and `cargo-darwin`: what follows is completed as above, and what follows `cargo` otherwise as before.
_cargo_darwin_function_of() { complete -p "$1" 2>/dev/null | sed -n 's/.*-F \([^ ]*\) .*/\1/p'; }
if [[ $(_cargo_darwin_function_of cargo) != _cargo_darwin_beside_cargo ]]; then
    _cargo_darwin_before=$(_cargo_darwin_function_of cargo)
fi
_cargo_darwin_beside_cargo() {
    local from=0
    [[ $1 == cargo-darwin ]] && from=1
    [[ ${COMP_WORDS[1]} == darwin && $COMP_CWORD -gt 1 ]] && from=2
    if [[ $from -gt 0 ]]; then
        local words=(cargo_darwin "${COMP_WORDS[@]:from}") at=$((COMP_CWORD - from + 1))
        local COMP_WORDS=("${words[@]}") COMP_CWORD=$at
        _cargo_darwin cargo_darwin "${words[at]}" "${words[at - 1]}"
        return
    fi
    # Where completions are loaded at their first use, cargo's own is loaded now.
    if [[ -z $_cargo_darwin_before ]] && declare -F _completion_loader >/dev/null; then
        _completion_loader cargo
        _cargo_darwin_before=$(_cargo_darwin_function_of cargo)
        complete -F _cargo_darwin_beside_cargo -o bashdefault -o default cargo
        [[ $_cargo_darwin_before == _cargo_darwin_beside_cargo ]] && _cargo_darwin_before=
    fi
    [[ -n $_cargo_darwin_before ]] && "$_cargo_darwin_before" "$@"
}
complete -F _cargo_darwin_beside_cargo -o bashdefault -o default cargo cargo-darwin

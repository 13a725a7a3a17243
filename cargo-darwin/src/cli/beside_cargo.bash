
# `cargo darwin`: what follows is completed as after `cargo-darwin`, everything else as before. `cargo-darwin darwin` too.
_cargo_darwin_function_of() { complete -p "$1" 2>/dev/null | sed -n 's/.*-F \([^ ]*\) .*/\1/p'; }
_cargo_darwin_own=$(_cargo_darwin_function_of cargo-darwin)
if [[ $(_cargo_darwin_function_of cargo) != _cargo_darwin_beside_cargo ]]; then
    _cargo_darwin_before=$(_cargo_darwin_function_of cargo)
fi
_cargo_darwin_beside_cargo() {
    if [[ ${COMP_WORDS[1]} == darwin && $COMP_CWORD -gt 1 ]]; then
        local words=(cargo-darwin "${COMP_WORDS[@]:2}") at=$((COMP_CWORD - 1))
        local COMP_WORDS=("${words[@]}") COMP_CWORD=$at
        "$_cargo_darwin_own" cargo-darwin "${words[at]}" "${words[at - 1]}"
    elif [[ $1 == cargo-darwin ]]; then
        "$_cargo_darwin_own" "$@"
    else
        # Where completions are loaded at their first use, cargo's own is loaded now.
        if [[ -z $_cargo_darwin_before ]] && declare -F _completion_loader >/dev/null; then
            _completion_loader cargo
            _cargo_darwin_before=$(_cargo_darwin_function_of cargo)
            complete -F _cargo_darwin_beside_cargo -o bashdefault -o default cargo
            [[ $_cargo_darwin_before == _cargo_darwin_beside_cargo ]] && _cargo_darwin_before=
        fi
        [[ -n $_cargo_darwin_before ]] && "$_cargo_darwin_before" "$@"
    fi
}
complete -F _cargo_darwin_beside_cargo -o bashdefault -o default cargo cargo-darwin


# `cargo darwin`: what follows is completed as after `cargo-darwin`, everything else as before.
_cargo_darwin_before=$(complete -p cargo 2>/dev/null | sed -n 's/.*-F \([^ ]*\) .*/\1/p')
[[ $_cargo_darwin_before == _cargo_darwin_beside_cargo ]] && _cargo_darwin_before=
_cargo_darwin_beside_cargo() {
    if [[ ${COMP_WORDS[1]} == darwin && $COMP_CWORD -gt 1 ]]; then
        local COMP_WORDS=(cargo-darwin "${COMP_WORDS[@]:2}") COMP_CWORD=$((COMP_CWORD - 1))
        _cargo-darwin cargo-darwin "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        return
    fi
    if [[ -z $_cargo_darwin_before ]] && declare -F _completion_loader >/dev/null; then
        _completion_loader cargo
        _cargo_darwin_before=$(complete -p cargo 2>/dev/null | sed -n 's/.*-F \([^ ]*\) .*/\1/p')
        complete -F _cargo_darwin_beside_cargo -o bashdefault -o default cargo
        [[ $_cargo_darwin_before == _cargo_darwin_beside_cargo ]] && _cargo_darwin_before=
    fi
    [[ -n $_cargo_darwin_before ]] && "$_cargo_darwin_before" "$@"
}
complete -F _cargo_darwin_beside_cargo -o bashdefault -o default cargo

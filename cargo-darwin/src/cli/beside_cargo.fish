
# `cargo darwin`: what follows is completed as after `cargo-darwin`.
function __cargo_darwin_beside_cargo
    set -l words (commandline -opc) (commandline -ct)
    complete -C (string join ' ' cargo-darwin $words[3..-1])
end
complete -c cargo -n '__fish_seen_subcommand_from darwin' -f -a '(__cargo_darwin_beside_cargo)'

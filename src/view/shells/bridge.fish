# What only the repository knows: names of clauses, short where what was typed has no path, and of revisions.
function __fish_git_spec_clauses
    set -l names (git-spec ls -z 2>/dev/null | string split0)
    if string match -qr '[/#]' -- (commandline -ct)
        printf '%s\n' $names
    else
        string replace -r '^.*#' '' -- $names
    end
end
function __fish_git_spec_revisions
    echo HEAD
    git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null
end
complete -c git-spec -f -n '__fish_git_spec_using_subcommand show start' -a '(__fish_git_spec_clauses)'
complete -c git-spec -x -n '__fish_git_spec_using_subcommand log' -l clause -a '(__fish_git_spec_clauses)'
complete -c git-spec -x -n '__fish_git_spec_using_subcommand commit' -l for -a '(__fish_git_spec_clauses)'
complete -c git-spec -x -n '__fish_git_spec_using_subcommand log ls show blame' -l at -a '(__fish_git_spec_revisions)'
complete -c git-spec -n '__fish_git_spec_using_subcommand ls grep diff log blame' -a '(__fish_git_spec_revisions)'
complete -c git-spec -f -n '__fish_git_spec_using_subcommand completions' -a 'bash zsh fish'

# `git spec` asks `git-spec`.
function __fish_git_spec_through_git
    set -l words (commandline -opc)
    set -l at (contains -i -- spec $words)
    or return
    set -e words[1..$at]
    set -l line git-spec (string escape -- $words) (commandline -ct)
    complete -C "$line"
end
complete -c git -f -n '__fish_git_needs_command' -a spec -d 'History of the specification, clause by clause'
complete -c git -f -n '__fish_git_using_command spec' -a '(__fish_git_spec_through_git)'

# What only the repository knows: names of clauses, short where what was typed has no path, and of revisions.
__git_spec_clauses() {
    local -a names
    names=(${(0)"$(git-spec ls -z 2>/dev/null)"})
    [[ $PREFIX == *[/#]* ]] || names=(${names##*\#})
    compadd -a names
}

__git_spec_revisions() {
    local -a names
    names=(HEAD ${(f)"$(git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null)"})
    compadd -a names
}

__git_spec_targets() {
    _alternative 'revisions:revision:__git_spec_revisions' 'files:file:_files'
}


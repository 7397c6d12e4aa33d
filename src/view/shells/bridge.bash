# What only the repository knows: names of clauses, short where what was typed has no path, and of revisions.
__git_spec_clauses() {
    local name
    while IFS= read -r -d '' name; do
        [[ $1 == */* || $1 == *'#'* ]] || name=${name##*#}
        [[ $name == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$name")")
    done < <(git-spec ls -z 2>/dev/null)
}

__git_spec_revisions() {
    local name
    while IFS= read -r name; do
        [[ $name == "$1"* ]] && COMPREPLY+=("$name")
    done < <(git for-each-ref --format='%(refname:short)' refs/heads refs/tags refs/remotes 2>/dev/null)
    [[ HEAD == "$1"* ]] && COMPREPLY+=(HEAD)
}

# As _git__spec: the program, the word to complete, the word before it.
__git_spec() {
    local cur=$2 prev=$3 word command=
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == -* ]] || { command=$word; break; }
    done
    # `=` breaks words for bash, not for git's completion.
    if [[ ${COMP_WORDS[COMP_CWORD]} == = ]]; then
        word=$prev cur=
    elif [[ $prev == = ]]; then
        word=${COMP_WORDS[COMP_CWORD-2]}
    else
        word=${cur%%=*}
        [[ $cur == *=* ]] || word=
    fi
    if [[ $word == --color ]]; then
        COMPREPLY=($(compgen -W 'always never auto' -- "${cur#--color=}"))
        return
    fi
    case $prev in
    --clause | --for) COMPREPLY=(); __git_spec_clauses "$cur"; return ;;
    --at | --ignore-rev) COMPREPLY=(); __git_spec_revisions "$cur"; return ;;
    esac
    _git__spec "$@"
    [[ $cur == -* ]] && return
    case $command in
    show | start) COMPREPLY=(); __git_spec_clauses "$cur" ;;
    ls | grep | diff | log | blame)
        COMPREPLY=()
        __git_spec_revisions "$cur"
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
        type compopt &>/dev/null && compopt -o filenames 2>/dev/null
        ;;
    esac
}
complete -F __git_spec -o bashdefault -o default git-spec

# git's own completion calls this for `git spec`, with `words`, `cword` and `cur` set.
_git_spec() {
    local i at=1
    for ((i = 1; i < cword; i++)); do
        if [[ ${words[i]} == spec ]]; then
            at=$i
            break
        fi
    done
    local COMP_WORDS=(git-spec "${words[@]:at+1}") COMP_CWORD=$((cword - at))
    __git_spec git-spec "$cur" "${COMP_WORDS[COMP_CWORD-1]}"
}

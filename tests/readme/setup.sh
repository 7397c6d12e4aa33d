#!/bin/sh
# Builds the repository of the examples in README.md and docs/ in the directory that is named. Dates and names are fixed,
# so that every commit has the same id everywhere.
set -eu

git init --quiet --initial-branch=main "$1"
cd "$1"
git config log.date short
git config core.abbrev 7

# commit DATE AUTHOR MESSAGE
commit() {
    git add --all
    GIT_AUTHOR_NAME=$2 GIT_AUTHOR_EMAIL=$2@example.com GIT_AUTHOR_DATE="$1T10:00:00+00:00" \
        GIT_COMMITTER_NAME=$2 GIT_COMMITTER_EMAIL=$2@example.com GIT_COMMITTER_DATE="$1T10:00:00+00:00" \
        git commit --quiet --message "$3"
}

mkdir -p specs src
cat >specs/auth.md <<'END'
# Signing in

How a person gets into the system, and what keeps others out.

## AUTH-1: Log-in

A user MUST log in with an e-mail address and a password of at least 12 characters.

## AUTH-2: Lockout

The system SHOULD lock an account after 5 failed attempts within one hour.

## AUTH-3: Session

A session ends after 30 minutes without a request.
END
commit 2025-11-03 Jane "Specify how people sign in"

cat >src/login.rs <<'END'
pub fn log_in(address: &str, password: &str) -> bool {
    password.chars().count() >= 12 && known(address, password)
}
END
commit 2025-11-05 Ali "Log people in

Spec: specs/auth.md#AUTH-1@$(git rev-parse --short=16 HEAD) v1:40dcf08b958d6dc6d09da24770b14e11"

cat >src/lock.rs <<'END'
pub fn lock(account: &mut Account) {
    if account.failures >= 5 {
        account.locked = true;
    }
}
END
commit 2025-11-06 Ali "Lock accounts"

cat >specs/auth.md <<'END'
# Signing in

How a person gets into the system, and what keeps others out.

## AUTH-1: Log-in

A user MUST log in with an e-mail address and a password
of at least 12 characters.

## AUTH-2: Lockout

The system MUST lock an account after 3 failed attempts within one hour.

## AUTH-3: Session

A session ends after 30 minutes without a request.
END
sed 's/>= 5/>= 3/' src/lock.rs >lock && mv lock src/lock.rs
commit 2025-11-20 Jane "Lock accounts sooner"

cat >specs/auth.md <<'END'
# Signing in

How a person gets into the system, and what keeps others out.

## AUTH-1: Log-in

A user MUST log in with an e-mail address and a password
of at least 12 characters.

## AUTH-2: Lockout

The system MUST lock an account after 3 failed attempts within one hour.

## AUTH-4: Session

A session ends after 30 minutes without a request.

## AUTH-5: Self-service unlock

A user MUST be able to unlock the account by e-mail within 15 minutes.
END
commit 2025-12-01 Jane "Let people unlock their accounts"
git tag v1.0

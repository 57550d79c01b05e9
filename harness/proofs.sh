#!/usr/bin/env bash
# proofs.sh - which of the long proofs hold for the present kernels and programs; runs those that nobody has shown.
#
# usage: harness/proofs.sh [--list] [NAME...]
#
# A proof is one of make's targets that is not part of `make test', with the
# folders whose files it is about.  A run is a line of traces/soak/proofs.log,
# which is committed.  It counts as shown if it ended well, with the kernels as
# they are now, and none of these files has changed since.  --list says so and
# runs nothing; NAME is one of those that are listed.
#
# Exit code: 0 all those named are shown, 1 one failed or, with --list, is not
# shown, 64 bad usage, 70 something could not be done, 130 interrupted.
set -u
cd "${PTBED_TOP:?}" || exit 70
# what was given to make for this is not for the others
unset MAKEFLAGS MAKEOVERRIDES MFLAGS ONLY ARGS
trap 'exit 130' INT

readonly LOG=traces/soak/proofs.log
readonly HEAD=$'# time\tproof\tcommit\tstock\tutrace\tseconds\texit code'

# NAME | folders besides kernel-patches/6.12, which the kernels are made of | make's words
proofs() {
	cat <<-END
	compat|compat-tests/scenarios compat-tests/interp|compat
	compat-debug|compat-tests/scenarios compat-tests/interp|compat FLAVOUR=debug CPUS=4 REPEATS=1,5
	soak|compat-tests/scenarios compat-tests/interp|soak
	controls|compat-tests/scenarios compat-tests/interp kernel-patches/planted|controls
	engines|compat-tests/engines|engines
	engines-debug|compat-tests/engines|engines FLAVOUR=debug CPUS=4
	mutants|compat-tests/engines kernel-patches/mutants|mutants
	torture|compat-tests/engines|torture
	torture-debug|compat-tests/engines|torture FLAVOUR=debug
	storm|compat-tests/engines/storm|storm
	tracers|compat-tests/tracers|tracers
	selftests||selftests
	suites|compat-tests/suites|suites
	answers|compat-tests/answers|answers
	bench|compat-tests/bench|bench
	check-off|kernel-patches/check-off|check-off
	check-nolegacy|kernel-patches/check-nolegacy compat-tests/scenarios|check-nolegacy
	check-style|kernel-patches/check-style kernel-patches/style-explained|check-style
	check-kcsan|compat-tests/scenarios compat-tests/engines kernel-patches/check-kcsan kernel-patches/kcsan-explained|check-kcsan
	check-series|compat-tests/scenarios|check-series
	END
}

fail() {
	local code=$1
	shift
	echo "proofs: $*" >&2
	exit "$code"
}

# key KERNEL: the name of its entry in the store, short.
key() {
	local at

	at=$(readlink -e "build/kernels/$1/bzImage") || fail 70 "build/kernels/$1: no such kernel; make kernels"
	basename "$(dirname "$at")" | cut -c1-12
}

# shown NAME FOLDERS: the newest line that counts for it; 1 if there is none.
shown() {
	local when name commit s u seconds code found=

	[ -e $LOG ] || return 1
	while IFS=$'\t' read -r when name commit s u seconds code; do
		[ "$name" = "$1" ] && [ "$s" = "$stock" ] && [ "$u" = "$utrace" ] || continue
		found=
		# one that failed since takes it back
		[ "$code" = 0 ] || continue
		# shellcheck disable=SC2086
		git diff --quiet "$commit" HEAD -- kernel-patches/6.12 $2 2>/dev/null && found="$when $commit ${seconds}s"
	done <$LOG
	[ "$found" ] && echo "$found"
}

# The names have to be known before anything runs.
list=
[ "${1-}" != --list ] || { list=1; shift; }
for name; do
	proofs | grep -q "^$name|" || fail 64 "$name: no such proof; there are: $(proofs | cut -d'|' -f1 | paste -sd' ')"
done
names=" $* "
[ -n "$(git rev-parse --git-dir 2>/dev/null)" ] || fail 70 "no git checkout: a proof is about a commit"
stock=$(key stock) && utrace=$(key utrace) || exit
not=0
while IFS='|' read -r name folders words <&3; do
	[ "$names" = "  " ] || [[ $names == *" $name "* ]] || continue
	if found=$(shown "$name" "$folders"); then
		printf '%-16s shown      %s\n' "$name" "$found"
		continue
	fi
	if [ "$list" ]; then
		printf '%-16s not shown  make %s\n' "$name" "$words"
		not=1
		continue
	fi
	# shellcheck disable=SC2086
	[ -z "$(git status --porcelain -- kernel-patches $folders)" ] ||
		fail 64 "kernel-patches $folders: there are changes that are not committed; a proof is about a commit"
	printf '%-16s runs       make %s\n' "$name" "$words"
	began=$SECONDS
	# shellcheck disable=SC2086
	${MAKE:-make} --no-print-directory $words
	code=$?
	[ $code -lt 128 ] || exit 130
	[ -e $LOG ] || echo "$HEAD" >$LOG || exit 70
	printf '%s\t%s\t%s\t%s\t%s\t%d\t%d\n' "$(date -u +%FT%TZ)" "$name" "$(git rev-parse --short=12 HEAD)" "$stock" \
		"$utrace" $((SECONDS - began)) $code >>$LOG || exit 70
	printf '%-16s %s\n' "$name" "$([ $code -eq 0 ] && echo shown || echo "FAILED, $code")"
	[ $code -eq 0 ] || not=1
done 3< <(proofs)
exit $not

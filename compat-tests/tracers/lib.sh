# lib.sh - what the scripts of compat-tests/tracers share: checks, and lines to be compared.

made=0 bad=0

# check TEXT COMMAND...: one check of TAP; what failed is in the text.
check() {
	what=$1
	shift
	made=$((made + 1))
	if "$@"; then
		echo "ok $made - $what"
	else
		echo "not ok $made - $what: $*"
		bad=$((bad + 1))
	fi
}

# compared: standard input, as lines that have to be the same on both kernels.
compared() {
	busybox sed 's/^/# | /'
}

# lines PATTERN FILE: how many lines have it.
lines() {
	busybox grep -cE -- "$1" "$2"
}

finish() {
	echo "1..$made"
	[ "$made" -gt 0 ] && [ "$bad" -eq 0 ]
	exit
}

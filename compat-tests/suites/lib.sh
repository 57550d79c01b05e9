# lib.sh - what the scripts of compat-tests/suites share: one test of somebody else's suite as one line of TAP.

number=0

# result NAME CODE OUTPUT: as automake's tests tell it: 0 passed, 77 skipped, anything else failed.
result() {
	number=$((number + 1))
	case $2 in
	0) echo "ok $number - $1" ;;
	77) echo "ok $number - $1 # SKIP" ;;
	*) echo "not ok $number - $1"
	   busybox tail -n 40 "$3" | busybox cut -c1-160 | busybox sed 's/^/# /' ;;
	esac
}

# tried NAME COMMAND...: a test that failed gets two more chances, since some go by the clock; it is told.
tried() {
	name=$1
	shift
	for try in 1 2 3; do
		"$@" >output 2>&1
		code=$?
		[ $code -ne 0 ] && [ $code -ne 77 ] || break
	done
	if [ $try -gt 1 ] && { [ $code -eq 0 ] || [ $code -eq 77 ]; }; then
		echo "# again: $name"
	fi
	result "$name" $code output
}

# strace_suite TAR PATTERN VARIABLE=...: the tests whose names fit the shell pattern.
strace_suite() {
	tar=$1 pattern=$2
	shift 2
	export PATH=/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C srcdir=. MIPS_ABI= TIMEOUT_DURATION=200
	export "$@"
	busybox mkdir suite && cd suite && busybox tar xf "$tar" && cd tests || exit 1
	# shellcheck disable=SC2013 # names without blanks
	for t in $(busybox cat list); do
		# shellcheck disable=SC2254 # it is a pattern
		case ${t%.gen} in
		$pattern) ;;
		*) continue ;;
		esac
		tried "${t%.gen}" ./run.sh "./$t.test"
		busybox rm -rf -- "${t%.gen}.dir"
	done
	echo "1..$number"
}

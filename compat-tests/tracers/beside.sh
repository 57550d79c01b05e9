# beside.sh - what scripts share that run real tracers on threads on which engines work, too.
. /tracers/lib.sh

# some COUNT...: each of these is not zero.
some() {
	for count; do
		eval "value=\$$count"
		echo "# $count: $value"
		check "$what_ran: $count is not zero" [ "$value" -gt 0 ]
	done
}

# exactly COUNT VALUE
exactly() {
	eval "value=\$$1"
	check "$what_ran: $1 is $2: $value" [ "$value" -eq "$2" ]
}

# one SCRIPT CALLS NAME OPTION...: SCRIPT beside the engines of OPTIONs gives what it
# gives alone; each engine saw the CALLS calls of tgkill(2) that the program makes.
# The broker's answer has all engines asked again: the stopper sees entries twice, and
# so does the logger, which logs a call once.
one() {
	script=$1 calls=$2 what_ran=$3 entries=$2
	shift 3
	[ $# -eq 1 ] || [ "$1" != -b ] || entries=$((calls * 2))
	echo "# $script, $what_ran"
	busybox mkdir "$what_ran"
	cd "$what_ran" || return
	/tracers/beside "$@" -o counts "/tracers/$script.sh" >tap 2>&1
	status=$?
	check "$what_ran: $script passes" [ $status -eq 0 ] || busybox sed "s/^/# $what_ran: /" tap
	busybox grep '^# | ' tap >results
	check "$what_ran: there are results" [ -s results ]
	check "$what_ran: they are those without engines" busybox diff ../alone/results results
	. ./counts
	for option; do
		case $option in
		-b)
			some broker_calls
			exactly broker_counted "$calls" ;;
		-l)
			some logger_entries logger_returns
			exactly logger_counted "$calls"
			exactly logger_returned "$calls"
			exactly logger_wrong 0 ;;
		-s)
			some stopper_threads stopper_stops stopper_ticks stopper_slept stopper_asked
			exactly stopper_counted "$entries"
			exactly stopper_lost 0 ;;
		esac
	done
	cd ..
}

# beside_each SCRIPT CALLS: with each engine and with all.
beside_each() {
	# the environment has to be the same, too
	busybox mkdir alone
	cd alone || return
	"/tracers/$1.sh" >tap 2>&1
	check "$1 passes without engines" [ $? -eq 0 ]
	busybox grep '^# | ' tap >results
	check "there are results" [ -s results ]
	cd ..
	one "$1" "$2" broker -b
	one "$1" "$2" logger -l
	one "$1" "$2" stopper -s threads
	one "$1" "$2" all -b -l -s threads
}

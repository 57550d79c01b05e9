#!/bin/sh
# criu.sh - CRIU saves processes of six threads and brings them back: running, stopped, under a seccomp filter.
# seconds: 600
. /tracers/lib.sh

# criu COMMAND OPTION...: what it says is shown if it fails.
criu() {
	LD_PRELOAD=/tracers/nonet.so /bin/criu "$@" --images-dir img --shell-job --log-file log -v4
	status=$?
	[ $status -eq 0 ] || busybox sed 's/^/# criu: /' img/log
	return $status
}

# is PID LETTER: the state all its threads are in, within twenty seconds.
is() {
	for i in $(busybox seq 200); do
		busybox cat /proc/$1/task/*/stat >stat
		[ "$(lines "\) $2 " stat)" -eq 6 ] && return 0
		busybox sleep 0.1
	done
	return 1
}

start() {
	busybox rm -rf img go out
	busybox mkdir img
	/tracers/keeper /tmp/go "$@" </dev/null >out 2>err &
	pid=$!
	check "it starts" has_threads $pid 6
	until busybox grep -q ready out; do
		busybox sleep 0.1
	done
}

# Of this shell it is no child any more: wait until it has gone.
end() {
	: >go
	for i in $(busybox seq 300); do
		[ -d /proc/$pid ] || break
		busybox sleep 0.1
	done
	check "it ends" [ ! -d /proc/$pid ]
	check "and has told everything" [ "$(lines '^([0-4]|main): ' out)" -eq 6 ]
	busybox cat err
	compared <out
}

save() {
	check "it is saved" criu dump --tree $pid "$@"
}

restore() {
	wait $pid
	check "it was killed when it was saved" [ $? -eq 137 ]
	check "it is brought back" criu restore --restore-detached
	check "nobody traces it" busybox grep -q "TracerPid:.0\$" /proc/$pid/status
}

echo "# saved and left running"
start
save --leave-running
check "nobody traces it" busybox grep -q "TracerPid:.0\$" /proc/$pid/status
: >go
wait $pid
check "it ends well" [ $? -eq 0 ]
compared <out

echo "# brought back, and that once more"
start
save
restore
save
busybox sleep 0.1
check "it is gone" [ ! -d /proc/$pid ]
check "it is brought back" criu restore --restore-detached
end

echo "# stopped"
start
kill -STOP $pid
check "it is stopped" is $pid T
save
restore
check "it is stopped again" is $pid T
kill -CONT $pid
end

echo "# under a filter"
start filtered
save
restore
check "the filter is there" busybox grep -q "Seccomp:.2" /proc/$pid/status
end
finish

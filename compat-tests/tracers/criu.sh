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

# all_are LETTER: the state of all threads.
all_are() {
	busybox cat /proc/$pid/task/*/stat >stat
	[ "$(lines "\) $1 " stat)" -eq 6 ]
}

start() {
	busybox rm -rf img
	busybox mkdir img
	keep "$@"
}

# Of this shell it is no child any more.
end() {
	: >go
	check "it ends" soon gone $pid
	check "and has told everything" [ "$(lines '^([0-4]|main): ' kept)" -eq 6 ]
	busybox sed 's/^/# err: /' err
	compared <kept
}

save() {
	check "it is saved" criu dump --tree $pid "$@"
}

restore() {
	wait $pid
	check "it was killed when it was saved" [ $? -eq 137 ]
	check "it is brought back" criu restore --restore-detached
	check "nobody traces it" untraced $pid
}

echo "# saved and left running"
start
save --leave-running
check "nobody traces it" untraced $pid
: >go
wait $pid
check "it ends well" [ $? -eq 0 ]
compared <kept

echo "# brought back, and that once more"
start
save
restore
save
check "it is gone" soon gone $pid
check "it is brought back" criu restore --restore-detached
end

echo "# stopped"
start
kill -STOP $pid
check "it is stopped" soon all_are T
save
restore
check "it is stopped again" soon all_are T
kill -CONT $pid
end

echo "# under a filter"
start filtered
save
restore
check "the filter is there" busybox grep -q "Seccomp:.2" /proc/$pid/status
end
finish

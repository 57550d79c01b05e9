#!/bin/sh
# gdbserver.sh - gdbserver as the tracer: the session of gdb.sh, attach and detach.
# seconds: 600
. /tracers/lib.sh

server='target extended-remote | gdbserver --multi --once -'

echo "# a program from its start to its end"
gdb_session -ex "$server" -ex 'set remote exec-file /tracers/threads'

echo "# attach and detach, while it runs"
/tracers/threads 4 wait >/dev/null &
pid=$!
check "five threads are there" soon has_threads $pid 5
gdb_attaches -ex "$server" -ex "attach $pid" /tracers/threads
finish

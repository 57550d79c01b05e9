#!/bin/sh
# gdb.sh - gdb in batch mode: breakpoints in threads, steps, a watchpoint, attach and detach.
# seconds: 600
. /tracers/lib.sh

echo "# a program from its start to its end"
gdb_session

echo "# attach and detach, three times, while it runs"
/tracers/threads 4 wait >/dev/null &
pid=$!
check "five threads are there" soon has_threads $pid 5
gdb_attaches -p $pid -ex 'info threads'
finish

#!/bin/sh
# beside-strace-seccomp.sh - strace-seccomp.sh while engines work on the same threads: the broker, the logger, one that stops them, all.
# seconds: 300
# needs: modules
. /tracers/beside.sh

beside_each strace-seccomp 180
finish

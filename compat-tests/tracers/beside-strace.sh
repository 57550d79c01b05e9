#!/bin/sh
# beside-strace.sh - strace.sh while engines work on the same threads: the broker, the logger, one that stops them, all.
# seconds: 300
# needs: modules
. /tracers/beside.sh

beside_each strace 180
finish

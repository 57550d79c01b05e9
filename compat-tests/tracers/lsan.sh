#!/bin/sh
# lsan.sh - LeakSanitizer, which stops all threads of its own program by ptrace from a task that shares their memory.
# seconds: 300
. /tracers/lib.sh

# told FILE: how much it found, and its complaints; how it puts that together by callers goes by what is on stacks.
told() {
	busybox grep -E '^SUMMARY|LeakSanitizer (has|does)' "$1" | busybox sed 's/^==[0-9]*==//'
}

echo "# five rounds, and the look at the end"
/tracers/leaker 5 >out 2>err
check "what was lost is found at the end, too" [ $? -eq 23 ]
check "nothing is found before something is lost" busybox grep -qx 'nothing is lost: 0' out
check "each round finds it, and every thread goes on" [ "$(lines '^round [1-5]: leak 1, threads go on 1$' out)" -eq 5 ]
told err >found
busybox sed 's/^/SUMMARY: LeakSanitizer: /; s/$/ allocation(s)./; s/,/ byte(s) leaked in/' >expected <<END
1001, 1
2003, 2
3006, 3
4010, 4
5015, 5
5015, 5
END
check "each time all that was lost, and nothing of the threads'" busybox cmp found expected
compared <out
compared <found

echo "# somebody else traces the program: it cannot be attached to, and it ends"
strace -f -o log /tracers/leaker 2 >out 2>err
check "it ends with its error" [ $? -eq 23 ]
check "because it is traced" busybox grep -q 'LeakSanitizer does not work under ptrace' err
check "it tried, by a task that strace does not get" [ "$(lines 'clone\(.*CLONE_VM.*CLONE_UNTRACED' log)" -eq 1 ]
check "it found nothing" [ "$(lines '^Direct leak' err)" -eq 0 ]
compared <out
told err | compared
finish

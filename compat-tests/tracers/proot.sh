#!/bin/sh
# proot.sh - PRoot: a shell script's processes with their calls rewritten in their registers.
# seconds: 300
. /tracers/lib.sh

# A root of its own, and a user that PRoot says is root.
busybox mkdir -p root/bin root/sub root/proc root/dev
busybox cp /bin/busybox root/bin
busybox cp /tracers/proot-work root/work.sh
proot -r root -b /proc -b /dev -w / -0 /bin/busybox sh /work.sh >out 2>err
check "it ends as the script does" [ $? -eq 7 ]
busybox sed 's/^/# err: /' err
check "every line is there" [ "$(lines '' out)" -eq 20 ]
check "the root was its own" [ "$(busybox cat root/sub/a)" = hello ]
compared <out
finish

# session.gdb - the batch session of gdb.sh.
set pagination off
set confirm off
set width 0
set print thread-events off
set print inferior-events off
set disable-randomization off
handle SIGUSR1 nostop noprint pass
handle SIGUSR2 nostop noprint pass
break work
commands
silent
printf "work %d %d\n", thread, round
continue
end
catch signal SIGUSR2
commands
silent
printf "caught SIGUSR2\n"
continue
end
tbreak finish
run
printf "--- in finish, alone\n"
delete
info threads
backtrace
step
step
printf "in add, total %d\n", total
backtrace
next
next
stepi 4
info symbol $pc
finish
watch total
commands
silent
printf "total %d\n", total
continue
end
continue

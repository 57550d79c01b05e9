# calls.gdb - one session of beside-calls.sh: what it prints is the same each time.
set pagination off
set confirm off
set width 0
set print thread-events off
printf "made %ld first\n", made
set var attached = 1
break mark
continue
printf "a thread is at its mark\n"
delete
# one thread alone, so that what is stepped and caught is the same thread's
set scheduler-locking on
finish
stepi 3
printf "stepped\n"
# getppid(2); the names of calls are not in the guest
catch syscall 110
commands
silent
end
continue
printf "call %d\n", $orig_rax
continue
printf "result of call %d as wanted: %d\n", $orig_rax, $rax == want_getppid
delete
# on to the marks of all
set scheduler-locking off
break mark
ignore $bpnum 30
continue
printf "thirty marks later\n"
delete
printf "wrong results: %ld\n", wrong
set var attached = 0
printf "made %ld last\n", made
detach

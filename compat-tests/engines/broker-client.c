/* broker-client.c - brokerctl does what its rules say, logs, and gives the command's status. */
/* seconds: 60 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/subject.h"
#include "lib/tap.h"

/* What the program under the broker does: one letter, one check, its exit status. */
static int program(const char *what)
{
	switch (what[0]) {
	case 'r':
		return syscall(SYS_getppid) == 4242 ? 7 : 1;
	case 'e':
		return open("/nothing", O_RDONLY) < 0 && errno == EACCES ? 7 : 1;
	case 'w':
		return syscall(SYS_getppid) == getpid() ? 7 : 1;
	case 'i': {
		long nr = 64;	/* getppid() of i386 */

		__asm__ volatile("int $0x80" : "+a"(nr) : : "memory", "r8", "r9", "r10", "r11");
		return (int)nr == 4242 ? 7 : 1;
	}
	case 'n':
		return 7;
	case 'k':
		kill(getpid(), SIGTERM);
		return 1;
	case 'c': {
		/* children are followed */
		pid_t pid = fork();
		int status = 0;

		if (!pid)
			_exit(syscall(SYS_getppid) == 4242 ? 7 : 1);
		waitpid(pid, &status, 0);
		return WEXITSTATUS(status);
	}
	}
	return 2;
}

static int run(void *arg)
{
	char **args = arg;
	int null = open("/dev/null", O_WRONLY);

	dup2(null, 1);
	dup2(null, 2);
	execv("/engines/brokerctl", args);
	return 99;
}

#define BROKERCTL(...) ((char *[]){ "brokerctl", __VA_ARGS__, NULL })
#define ME "/engines/broker-client"

static void expect(int want, char **args, const char *text)
{
	int status = subject_wait(subject(run, args), 20000);

	check(status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == want,
	      "%s: status %x, exit %d", text, status, want);
}

int main(int argc, char **argv)
{
	char text[65536];
	pid_t pid;
	char number[16];

	if (argc > 1)
		return program(argv[1]);
	subject_init(55);
	/* before the module is there */
	expect(126, BROKERCTL("-p", "1"), "no device");
	if (module_load("utrace-broker", NULL))
		bail("utrace-broker");
	expect(0, BROKERCTL("--help"), "--help");
	expect(64, BROKERCTL("-r", "nonsense=1", "-p", "1"), "a call that does not exist");
	expect(64, BROKERCTL("-r", "getppid=nonsense", "-p", "1"), "a value that does not exist");
	expect(64, BROKERCTL("-l"), "nothing to attach to");
	expect(7, BROKERCTL("-r", "getppid=4242", ME, "r"), "a result");
	expect(7, BROKERCTL("-r", "getppid=4242", ME, "c"), "a result, in a child");
	expect(7, BROKERCTL("-r", "openat=EACCES", ME, "e"), "an error");
	expect(7, BROKERCTL("-r", "getppid=getpid", ME, "w"), "another call");
	expect(1, BROKERCTL("-r", "i386:getppid=4242", ME, "r"), "a rule for another ABI");
	expect(7, BROKERCTL("-r", "i386:getppid=4242", ME, "i"), "a rule for that ABI");
	expect(1, BROKERCTL("-r", "getppid=4242", ME, "i"), "a rule that is not for it");
	/* let go before its exec, it has nobody to wait for */
	expect(7, BROKERCTL("-n", "1", "-r", "close=0", ME, "n"), "one call, before the exec");
	expect(128 + SIGTERM, BROKERCTL(ME, "k"), "killed by a signal");
	expect(127, BROKERCTL("/nothing"), "no command");
	expect(126, BROKERCTL("-p", "2"), "a kernel thread");

	expect(7, BROKERCTL("-l", "-s", "-o", "log", "-r", "getppid=4242", ME, "r"), "a log");
	get("log", text, sizeof(text));
	check(strstr(text, " getppid("), "the log has the call");
	check(strstr(text, ") = 4242\n"), "the log has its result");
	check(strstr(text, "1 getppid\n"), "the summary has its count");
	check(strstr(text, " exit_group(0x7"), "the log has the end");

	pid = subject(call, NULL);
	check(moves(0), "a process runs");
	snprintf(number, sizeof(number), "%d", pid);
	expect(0, BROKERCTL("-p", number, "-n", "100", "-r", "getppid=4242"), "100 calls of a process");
	check(moves(0), "it goes on without the broker");
	sleep_ms(20);
	check(page[1] == getpid(), "and gets its own results: %ld", page[1]);
	check(subject_end(pid), "it can be killed");
	return done_testing();
}

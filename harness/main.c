/* main.c - ptbed: dispatches the subcommands of the testbed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "util.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
#define COMMAND(name, fn, help) { name, fn, help },
#include "commands.def"
#undef COMMAND
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static void usage(FILE *to)
{
	fprintf(to, "Usage: ptbed COMMAND [OPTION...]\n"
		"The reference testbed for Linux ptrace semantics.\n\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].help);
	fprintf(to, "\n`ptbed COMMAND --help' tells a command's options; see also ptbed(1).\n");
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };

	/* No SA_RESTART: whatever sleeps is to look at `interrupted'. */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Into a file, too: a proof of an hour is to be looked at while it runs. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (argc < 2) {
		usage(stderr);
		return EX_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < NCOMMANDS; i++) {
		static char name[64];
		int code;

		if (strcmp(argv[1], commands[i].name))
			continue;
		/* argp prints argv[0] in its messages. */
		snprintf(name, sizeof(name), "ptbed %s", commands[i].name);
		argv[1] = name;
		code = commands[i].run(argc - 1, argv + 1);
		if (fflush(stdout) || ferror(stdout))
			fatal(EX_SYSTEM, "standard output: %s", strerror(errno));
		return code;
	}
	fatal(EX_USAGE, "no command '%s'; expected one of those `ptbed --help' lists",
	      argv[1]);
}

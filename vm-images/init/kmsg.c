/* kmsg.c - kernel messages that report trouble: warnings, BUGs, sanitizers, lockdep, stalls. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

/* How reports begin, whatever their level. */
static const char *const heads[] = {
	"WARNING:", "BUG:", "kernel BUG at", "Oops", "general protection fault", "Kernel panic",
	"INFO: task ", "INFO: rcu", "rcu: INFO:", "INFO: possible", "INFO: suspicious",
	"possible circular locking", "possible recursive locking", "inconsistent lock state",
	"suspicious RCU usage", "DEBUG_LOCKS_WARN_ON", "ODEBUG:", "refcount_t:", "UBSAN:",
	"list_add corruption", "list_del corruption", "scheduling while atomic",
	"sleeping function called", "unable to handle", "stack segment:", "double fault:",
	"divide error:", "watchdog: ", "Freezing of tasks failed", "bad: scheduling",
};

/* How a crashed program is reported. */
static const char *const crashes[] = { "segfault at", "general protection", "trap invalid opcode",
	"trap divide error" };

static int fd = -1;
static char reports[65536];
static size_t nreports;
static char crash[512];
static int in_report;	/* lines still to take */

/* A report's lines follow its head at any level; 120 are enough for any but KASAN's longest. */
#define REPORT_LINES 120

void kmsg_open(void)
{
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fprintf(stderr, "init: /dev/kmsg: %s\n", strerror(errno));
	/* boot messages belong to no case; the console has them */
	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
}

static void take(char *record)
{
	char *text = strchr(record, ';'), *end;
	bool head = false;
	size_t n;

	if (!text)
		return;
	text++;
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		if (strstr(text, "interp") && strstr(text, crashes[i]))
			snprintf(crash, sizeof(crash), "%s", text);
	if (!strncmp(text, "interp", 6) || !strncmp(text, "traps: interp", 13))
		return;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]) && !head; i++)
		head = strstr(text, heads[i]);
	if (head)
		in_report = REPORT_LINES;
	else if (!in_report)
		return;
	in_report--;
	n = strlen(text);
	if (nreports + n + 1 >= sizeof(reports))
		return;
	memcpy(reports + nreports, text, n);
	nreports += n;
	reports[nreports++] = '\n';
}

const char *kmsg_reports(size_t *len)
{
	char record[8192];
	ssize_t n;

	nreports = 0;
	crash[0] = '\0';
	in_report = 0;
	while (fd >= 0) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		record[n] = '\0';
		take(record);
	}
	*len = nreports;
	return nreports ? reports : NULL;
}

const char *kmsg_crash(void)
{
	return crash;
}

/* tables.c - names of signals and errnos, and small helpers; the lists are those of the language (form/consts*.c). */
#include "../form/consts.h"

#include "interp.h"
#include "tables.h"

bool str_eq(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* The name a table has for a number: the first, where there are several. */
static const char *name_in(const struct form_const *table, int num)
{
	for (; table->name; table++)
		if (table->val == num)
			return table->name;
	return NULL;
}

const char *sig_name(int sig)
{
	static const char *const rt[] = {
		"SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+2", "SIGRTMIN+3", "SIGRTMIN+4", "SIGRTMIN+5", "SIGRTMIN+6",
		"SIGRTMIN+7", "SIGRTMIN+8", "SIGRTMIN+9", "SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12",
		"SIGRTMIN+13", "SIGRTMIN+14", "SIGRTMIN+15", "SIGRTMIN+16", "SIGRTMIN+17", "SIGRTMIN+18",
		"SIGRTMIN+19", "SIGRTMIN+20", "SIGRTMIN+21", "SIGRTMIN+22", "SIGRTMIN+23", "SIGRTMIN+24",
		"SIGRTMIN+25", "SIGRTMIN+26", "SIGRTMIN+27", "SIGRTMIN+28", "SIGRTMIN+29", "SIGRTMIN+30",
		"SIGRTMIN+31", "SIGRTMIN+32",
	};

	if (sig >= FORM_SIGRTMIN && sig <= FORM_SIGRTMAX)
		return rt[sig - FORM_SIGRTMIN];
	return name_in(form_signals, sig);
}

int sig_num(const char *name)
{
	return form_signal_find(name);
}

/* Of an errno or -errno, the kernel's restart codes among them. */
const char *errno_name(int err)
{
	if (err < 0)
		err = -err;
	switch (err) {
	case 512: return "ERESTARTSYS";
	case 513: return "ERESTARTNOINTR";
	case 514: return "ERESTARTNOHAND";
	case 515: return "ENOIOCTLCMD";
	case 516: return "ERESTART_RESTARTBLOCK";
	}
	return name_in(form_errnos, err);
}

/* tap.c - checks, counted and printed as TAP. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int made, failed;

static void result(bool good, const char *why, const char *format, va_list ap)
{
	pthread_mutex_lock(&lock);
	made++;
	failed += !good;
	printf("%sok %u - ", good ? "" : "not ", made);
	vprintf(format, ap);
	if (why)
		printf(" # skip %s", why);
	printf("\n");
	/* a child that is forked must not print it again */
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

bool check(bool good, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	result(good, NULL, format, ap);
	va_end(ap);
	return good;
}

void skip(const char *why, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	result(true, why, format, ap);
	va_end(ap);
}

void diag(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	pthread_mutex_lock(&lock);
	printf("# ");
	vprintf(format, ap);
	printf("\n");
	fflush(stdout);
	pthread_mutex_unlock(&lock);
	va_end(ap);
}

int done_testing(void)
{
	printf("1..%u\n", made);
	fflush(stdout);
	return failed || !made;
}

void bail(const char *format, ...)
{
	char text[512];
	int err = errno;
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	check(false, "%s: %s", text, strerror(err));
	done_testing();
	exit(1);
}

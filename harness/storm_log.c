/* storm_log.c - shards of a storm of ptrace requests: what a guest prints of one, and lines of the log. */
#include <stdio.h>
#include <string.h>

#include "prooflog.h"
#include "storm_log.h"

bool storm_parse_result(const char *output, unsigned long *requests)
{
	const char *p = output ? strstr(output, "# storm requests=") : NULL;
	unsigned long ms;

	return p && sscanf(p, "# storm requests=%lu ms=%lu", requests, &ms) == 2;
}

void storm_log_print(struct buf *b, const char *when, const struct storm_shard *s)
{
	buf_printf(b, "%s\t%s\t%.*s\t%.*s\t%u\t%llu\t%lu\t%.0f\t%s\n", when, s->kernel, STORM_KEY,
		   s->key, STORM_KEY, s->program, s->cpus, (unsigned long long)s->seed, s->requests,
		   s->seconds, s->verdict);
}

const char *storm_log_line(char *const field[], void *arg)
{
	struct storm_log *log = arg;
	unsigned long cpus, seed, requests, seconds;

	if (strlen(field[2]) != STORM_KEY || strlen(field[3]) != STORM_KEY)
		return "12 digits of the keys of kernel and program as the third and fourth field";
	if (!prooflog_number(field[4], &cpus) || !prooflog_number(field[5], &seed) ||
	    !prooflog_number(field[6], &requests) || !prooflog_number(field[7], &seconds))
		return "numbers of CPUs, seed, requests and seconds as the fifth to eighth field";
	if (strncmp(log->key, field[2], STORM_KEY) || strncmp(log->program, field[3], STORM_KEY) ||
	    cpus != log->cpus)
		return NULL;
	log->requests += requests;
	log->shards++;
	log->bad += strcmp(field[8], "SAME") != 0;
	return NULL;
}

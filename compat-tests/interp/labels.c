/* labels.c - the labels of the snippet library: name to address and back. */
#include "verbs.h"

/* A row of section sniplab, made by snip.inc. */
struct row {
	uint32_t addr;
	char name[28];
};
extern const struct row __start_sniplab[], __stop_sniplab[];
extern const char snip_text[], snip_run_start[], snip_run_end[], snip_text_end[], snip_data[], snip_data_end[];

#define BUS_PAGE	0x20200000u		/* `fault bus` maps it */

const void *label_addr(const char *label)
{
	for (const struct row *r = __start_sniplab; r < __stop_sniplab; r++)
		if (str_eq(r->name, label))
			return (const void *)(unsigned long)r->addr;
	return NULL;
}

static bool within(uint64_t addr, uint64_t start, uint64_t end)
{
	return addr >= start && addr < end;
}

/* What calls the snippets is no part of them: its registers are the compiler's. */
bool in_snippet(uint64_t addr)
{
	return within(addr, PTR(snip_text), PTR(snip_text_end)) &&
	       !within(addr, PTR(snip_run_start), PTR(snip_run_end));
}

/* The last label at or before the address, in the same area. */
const char *addr_label(uint64_t addr, uint64_t *offset)
{
	const struct row *best = NULL;
	uint64_t area;

	if (in_snippet(addr))
		area = PTR(snip_text);
	else if (within(addr, PTR(snip_data), PTR(snip_data_end)))
		area = PTR(snip_data);
	else if (within(addr, BUS_PAGE, BUS_PAGE + 4096))
		area = BUS_PAGE;
	else
		return NULL;
	for (const struct row *r = __start_sniplab; r < __stop_sniplab; r++)
		if (r->addr >= area && r->addr <= addr && (!best || r->addr > best->addr))
			best = r;
	if (!best)
		return NULL;
	*offset = addr - best->addr;
	return best->name;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM utrace_logger

#if !defined(_LOGGER_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LOGGER_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(logger_call,
	TP_PROTO(int nr),
	TP_ARGS(nr),
	TP_STRUCT__entry(
		__field(int, nr)
	),
	TP_fast_assign(
		__entry->nr = nr;
	),
	TP_printk("nr=%d", __entry->nr)
);

TRACE_EVENT(logger_return,
	TP_PROTO(int nr, long ret),
	TP_ARGS(nr, ret),
	TP_STRUCT__entry(
		__field(int, nr)
		__field(long, ret)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->ret = ret;
	),
	TP_printk("nr=%d ret=%ld", __entry->nr, __entry->ret)
);

TRACE_EVENT(logger_life,
	TP_PROTO(const char *what, long value),
	TP_ARGS(what, value),
	TP_STRUCT__entry(
		__string(what, what)
		__field(long, value)
	),
	TP_fast_assign(
		__assign_str(what);
		__entry->value = value;
	),
	TP_printk("%s %ld", __get_str(what), __entry->value)
);

#endif /* _LOGGER_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE logger-trace
#include <trace/define_trace.h>

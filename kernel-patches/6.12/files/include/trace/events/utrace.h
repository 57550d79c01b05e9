/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM utrace

#if !defined(_TRACE_UTRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_UTRACE_H

#include <linux/tracepoint.h>
#include <linux/utrace.h>

/* A callback has returned. */
TRACE_EVENT(utrace_report,

	TP_PROTO(struct utrace_engine *engine, unsigned long events,
		 unsigned long event, u32 action, u32 ret),

	TP_ARGS(engine, events, event, action, ret),

	TP_STRUCT__entry(
		__field(const void *, ops)
		__field(const void *, engine)
		__field(unsigned long, events)
		__field(unsigned long, event)
		__field(u32, action)
		__field(u32, ret)
	),

	TP_fast_assign(
		__entry->ops = engine->ops;
		__entry->engine = engine;
		__entry->events = events;
		__entry->event = event;
		__entry->action = action;
		__entry->ret = ret;
	),

	TP_printk("engine=%p ops=%ps called=%#lx event=%#lx action=%#x ret=%#x",
		  __entry->engine, __entry->ops, __entry->events,
		  __entry->event, __entry->action, __entry->ret)
);

/* An engine has called utrace_control(). */
TRACE_EVENT(utrace_control,

	TP_PROTO(struct utrace_engine *engine, int action, int ret),

	TP_ARGS(engine, action, ret),

	TP_STRUCT__entry(
		__field(const void *, engine)
		__field(int, action)
		__field(int, ret)
	),

	TP_fast_assign(
		__entry->engine = engine;
		__entry->action = action;
		__entry->ret = ret;
	),

	TP_printk("engine=%p action=%d ret=%d", __entry->engine,
		  __entry->action, __entry->ret)
);

DECLARE_EVENT_CLASS(utrace_thread,

	TP_PROTO(struct task_struct *task),

	TP_ARGS(task),

	TP_STRUCT__entry(
		__field(pid_t, pid)
		__field(unsigned long, flags)
	),

	TP_fast_assign(
		__entry->pid = task->pid;
		__entry->flags = task_utrace_flags(task);
	),

	TP_printk("pid=%d flags=%#lx", __entry->pid, __entry->flags)
);

/* The thread goes to sleep because an engine holds it. */
DEFINE_EVENT(utrace_thread, utrace_stop,
	TP_PROTO(struct task_struct *task), TP_ARGS(task));

/* It has woken up. */
DEFINE_EVENT(utrace_thread, utrace_resume,
	TP_PROTO(struct task_struct *task), TP_ARGS(task));

#endif /* _TRACE_UTRACE_H */

#include <trace/define_trace.h>

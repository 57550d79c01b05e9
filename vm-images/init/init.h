/* init.h - the parts of the guest's PID 1. */
#ifndef INIT_H
#define INIT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat-tests/form/wire.h"
#include "compat-tests/interp/request.h"

/* mounts.c: file systems, sysctls, limits; says on the console what could not be set. */
void mount_all(void);
void set_sysctls(void);
void keep_perf_on(void);
/* Write @text to @path; false and errno when that fails. */
bool write_text(const char *path, const char *text);
/* Read at most @room - 1 bytes; the length, or -1 and errno. */
int read_text(const char *path, char *out, size_t room);
/* Unlink everything in /tmp and /dev/shm, as every repeat starts. */
void empty_tmp(void);

/* frames.c: the result channel.  Nothing is sent before frames_open(). */
void frames_open(void);
void frame_send(uint32_t type, const void *head, size_t headlen, const void *data, size_t len);
void frame_text(uint32_t type, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint64_t guest_ns(void);

/* hello.c: measure what the determinism rules ask for; false: *why says what is wrong. */
bool hello(uint64_t nonce, uint32_t flags, const char **why);
extern uint32_t online_cpus;

/* kmsg.c: kernel messages since the last call that report trouble; NULL: none. */
void kmsg_open(void);
const char *kmsg_reports(size_t *len);
/* The last message since then about a crashed program, "" if none. */
const char *kmsg_crash(void);

/*
 * stacks.c: count the stacks of all sleeps in state t from now on; send them, and the
 * counters of utrace, as notes (nothing without stacks_begin()).
 */
void stacks_begin(void);
void stacks_send(void);

/* cases.c */
int run_job(const void *job, size_t len);
void run_bench(void);

/* programs.c: the same for a job of programs. */
int run_programs(const void *job, size_t len);

/* End the machine; the exit port first, then the kernel's own power-off. */
void power_off(int code) __attribute__((noreturn));
void run_shell(void);

#endif

/* wire_programs.h - jobs that run programs instead of cases; beside wire.h, which has the rest. */
#ifndef FORM_WIRE_PROGRAMS_H
#define FORM_WIRE_PROGRAMS_H

/*
 * One more of enum job_flags: a case's blob is not a struct form_case but lines
 * of text: the seconds of guest time the program may take, its path, its
 * arguments.  Each line it prints is sent as a NOTE at once; its RESULT holds
 * all of them and then "# exit status N" or "# killed by signal N".
 */
#define JOB_PROGRAMS 8u

#endif

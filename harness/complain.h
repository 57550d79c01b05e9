/* complain.h - say what is wrong without ending the program. */
#ifndef HARNESS_COMPLAIN_H
#define HARNESS_COMPLAIN_H

/* Print "ptbed: message" to stderr; the caller returns an exit code. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

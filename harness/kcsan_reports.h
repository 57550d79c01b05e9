/* kcsan_reports.h - tells KCSAN's reports of data races from all others. */
#ifndef HARNESS_KCSAN_REPORTS_H
#define HARNESS_KCSAN_REPORTS_H

/*
 * The first line in @text that starts a kernel report, as splat_find() knows
 * them, other than of a data race that KCSAN found.  NULL: none.
 */
const char *kcsan_other_report(const char *text);

#endif

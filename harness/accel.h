/* accel.h - whether guests with several CPUs run under KVM or TCG. */
#ifndef HARNESS_ACCEL_H
#define HARNESS_ACCEL_H

#include <stdbool.h>

/*
 * True when a boot of @kernel under KVM says HELLO on this host.  /dev/kvm may
 * open and yet run no guest, so it is tried once, with a short limit, and the
 * answer kept in the store for this host kernel and CPU.  $PTBED_ACCEL (kvm or
 * tcg) decides without a trial.  @work: directory for the trial's files.
 */
bool accel_kvm(const char *kernel, const char *base_image, const char *work);

#endif

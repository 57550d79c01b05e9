/* qemu_plugin.h - the part of QEMU's plugin interface, version 1, that count.c uses. */
/*
 * Debian 12 has plugins in qemu-system-x86 (7.2) but no package with their
 * header, so what is used of it is declared here.  QEMU refuses to load a plugin
 * whose qemu_plugin_version it does not know.
 */
#ifndef QEMU_PLUGIN_H
#define QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_VERSION 1
#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;

/* What QEMU tells of itself when it loads a plugin. */
typedef struct {
	const char *target_name;	/* "x86_64" */
	struct {
		int min, cur;		/* versions of the interface it can speak */
	} version;
	bool system_emulation;
	union {
		struct {
			int smp_vcpus, max_vcpus;
		} system;		/* if ->system_emulation */
	};
} qemu_info_t;

struct qemu_plugin_tb;		/* a block of instructions while it is translated */
struct qemu_plugin_insn;	/* an instruction of it; both only until the callback returns */

/* To be defined by the plugin; a return value but 0 ends QEMU. */
extern int qemu_plugin_version;
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

/* Call @cb for each block that is translated, before it first runs. */
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
/* Call @cb when QEMU ends. */
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t id, void *data),
				    void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
/* Its address in the guest, its bytes and how many they are. */
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

/* Each time @insn is about to run: add @imm to *@ptr, without a lock; call @cb. */
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, enum qemu_plugin_op op,
						void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int vcpu, void *data),
					    enum qemu_plugin_cb_flags flags, void *data);

#endif

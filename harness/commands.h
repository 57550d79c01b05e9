/* commands.h - the functions behind ptbed's subcommands: (argc, argv) as for main, returning an exit code. */
#ifndef HARNESS_COMMANDS_H
#define HARNESS_COMMANDS_H

#define COMMAND(name, fn, help) int fn(int argc, char **argv);
#include "commands.def"
#undef COMMAND

#endif

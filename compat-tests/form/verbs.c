/* verbs.c - the table of verbs, built from verbs.def; its order is the verb numbering of the flat form. */
#include "form.h"

const struct form_verb form_verbs[] = {
#define VERB(id, name, args, help) { name, args, help },
#include "verbs.def"
#undef VERB
};

const unsigned int form_nverbs = sizeof(form_verbs) / sizeof(form_verbs[0]);

/* Cases of fn.c: a builtin, [input, arguments...], and what jq 1.8.2 gives. */
#ifndef MR_UNIT_FN_CASES_H
#define MR_UNIT_FN_CASES_H

static const struct {
	const char *name, *args, *want;
} cases[] = {
    {"length", "[[1,2]]", "2"},
    {"length", "[true]", "! boolean (true) has no length"},
};

#endif

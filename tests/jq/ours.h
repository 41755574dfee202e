/*
 * Our engine, each way it can run a program, behind the interface that
 * theirs.h has for jq 1.8.2.
 */
#ifndef OURS_H
#define OURS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ours;

enum way {
	WAY_TEXT,  /* the machine over the bytes of the line */
	WAY_OWNED, /* the machine over values made of it */
	WAY_PLAN,  /* the plan over what the scanner found, when the program has one */
	WAY_PROG,  /* as the tools do it: lines scanned as rows, plan and machine */
	WAYS
};

extern const char *const way_names[WAYS];

/* NULL: not a program, or (*left) one that is left to libjq; *why says so. */
struct ours *ours_new(const char *program, bool *left, struct mr_buf *why);
void ours_free(struct ours *);
bool ours_has(const struct ours *, enum way);

/* As theirs_run(); over WAY_PROG an error is a line `failed: ` with its words, and nothing else. */
bool ours_run(struct ours *, enum way, const char *input, size_t len, int most, struct mr_buf *out);

#endif

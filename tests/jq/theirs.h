/*
 * jq 1.8.2's library behind an interface without its types, for its header
 * and ours do not go together with Debian's libjq.
 */
#ifndef THEIRS_H
#define THEIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct theirs;

/* NULL: not a program, and *why says so. */
struct theirs *theirs_new(const char *program, struct mr_buf *why);
void theirs_free(struct theirs *);

/*
 * Append the outputs for an input, a line each, `most` at most; an error ends
 * them as a line `error: ` and its value.  False: the input is not JSON.
 */
bool theirs_run(struct theirs *, const char *input, size_t len, int most, struct mr_buf *out);

/* Append a JSON text with its numbers spelled as jq spells them, and nothing else changed. */
void theirs_spell(const char *text, size_t len, struct mr_buf *out);

#endif

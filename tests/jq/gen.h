/*
 * Random texts of a grammar, as trees, so that one can be made smaller while
 * it still shows what it showed.
 *
 * The grammar is a file; `grammar` beside this one is jq's, and explains the
 * notation.  The same grammar, seed and start give the same text everywhere.
 */
#ifndef GEN_H
#define GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct gen;
struct gen_node;

/* Ends the process with a message when the grammar cannot be read. */
struct gen *gen_new(const char *path);
void gen_free(struct gen *);

/* From here on the random choices are those of this seed; trees made before are gone. */
void gen_seed(struct gen *, uint64_t seed);
uint64_t gen_random(struct gen *, uint64_t below);

/* A text of the symbol `start`, nested about `depth` deep; `dot` is what `.` is in it, or NULL. */
struct gen_node *gen_make(struct gen *, const char *start, const char *dot, int depth);
void gen_print(const struct gen_node *, struct mr_buf *);

/* Make it as small as it gets with `still` true of it; asks about `most` times at most. */
void gen_shrink(struct gen *, struct gen_node *, bool (*still)(void *), void *self, int most);

#endif

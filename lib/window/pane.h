/*
 * A pane: what the aggregates remember of a group, spec->state_size bytes.
 *
 * Zeroed it is empty, and it may be moved in memory.  What it holds outside of
 * itself is counted in *held, in bytes.
 */
#ifndef MR_WINDOW_PANE_H
#define MR_WINDOW_PANE_H

#include <stddef.h>

#include "window/spec.h"

/* Add the event that was read last (read.h). */
void mr_pane_add(const struct mr_spec *, void *pane, size_t *held);

/* Add what `from` holds, which stays as it is and came later, where times are equal. */
void mr_pane_merge(const struct mr_spec *, void *into, const void *from, size_t *held);

/* Forget what it holds: it is empty. */
void mr_pane_release(const struct mr_spec *, void *pane, size_t *held);

#endif

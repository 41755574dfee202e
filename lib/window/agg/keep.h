/*
 * A few bytes that a pane keeps: in place up to 24, allocated past that.
 *
 * Zeroed is empty.  May be moved in memory.
 */
#ifndef MR_AGG_KEEP_H
#define MR_AGG_KEEP_H

#include <stddef.h>

struct mr_keep {
	size_t len;
	union {
		char here[24];
		struct {
			char *at;
			size_t cap; /* > sizeof here: a value that shrinks stays there */
		} far;
	};
	size_t is_far;
};

/* *held grows by the bytes taken outside of the struct. */
void mr_keep_set(struct mr_keep *, const char *at, size_t len, size_t *held);
void mr_keep_release(struct mr_keep *, size_t *held);

static inline const char *
mr_keep_at(const struct mr_keep *k)
{
	return k->is_far ? k->far.at : k->here;
}

#endif

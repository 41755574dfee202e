/*
 * Tumbling windows: [start, start + size), aligned to the epoch plus offset.
 */
#ifndef MR_WINDOW_TUMBLE_H
#define MR_WINDOW_TUMBLE_H

#include <stdint.h>

struct mr_tumble {
	int64_t size_ms;   /* above 0 */
	int64_t offset_ms; /* 0 .. size_ms - 1 */
};

/* The window of a time; 0, or -1: a bound is outside of int64. */
static inline int
mr_tumble_window(const struct mr_tumble *t, int64_t ms, int64_t *start, int64_t *end)
{
	int64_t into;

	if (__builtin_sub_overflow(ms, t->offset_ms, &into))
		return -1;
	into %= t->size_ms;
	if (into < 0)
		into += t->size_ms; /* before 1970, windows still begin at or before */
	if (__builtin_sub_overflow(ms, into, start))
		return -1;
	return __builtin_add_overflow(*start, t->size_ms, end) ? -1 : 0;
}

#endif

/*
 * A heap of timers: what is due, earliest first.
 *
 * `what` is the holder's, a number that says what the timer is for; of equal
 * times the smaller number comes first.  Push and pop cost O(log n) (Knuth,
 * vol. 3, 5.2.3).
 */
#ifndef MR_BASE_HEAP_H
#define MR_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mr_timer {
	int64_t at;
	uint64_t what;
};

struct mr_heap {
	struct mr_timer *timer; /* timer[0] is the earliest of n */
	size_t n, cap;
};

#define MR_HEAP_INIT \
	{ \
		NULL, 0, 0 \
	}

void mr_heap_release(struct mr_heap *);
void mr_heap_push(struct mr_heap *, int64_t at, uint64_t what);
struct mr_timer mr_heap_pop(struct mr_heap *); /* n is not 0 */

/* Forget the timers of which keep() is false, in O(n). */
void mr_heap_filter(struct mr_heap *, bool (*keep)(const void *self, uint64_t what),
    const void *self);

#endif

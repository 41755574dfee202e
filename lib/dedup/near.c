/*
 * near - intervals in a sorted array: nearly always the last of them is asked
 * for, and the first goes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dedup/near.h"

#define SMALL_MAP ((size_t)256 << 10) /* a larger one is not kept behind its peak */

void
mr_near_init(struct mr_near *n, int64_t within_ms)
{
	*n = (struct mr_near){.within_ms = within_ms};
}

static void
forget_first(struct mr_near *n)
{
	struct mr_near_interval *i = &n->interval[n->head++];

	n->bytes -= i->bytes;
	n->keys -= mr_map_count(i->map);
	if (n->spares < MR_NEAR_SPARE && mr_map_bytes(i->map) <= SMALL_MAP) {
		mr_map_clear(i->map);
		n->spare[n->spares++] = i->map;
	} else {
		mr_map_free(i->map);
	}
}

void
mr_near_release(struct mr_near *n)
{
	while (n->head < n->n)
		forget_first(n);
	while (n->spares)
		mr_map_free(n->spare[--n->spares]);
	free(n->interval);
	*n = (struct mr_near){0};
}

/* The place of the first interval that is not before the number. */
static size_t
place(const struct mr_near *n, int64_t number)
{
	size_t low = n->head, high = n->n;

	if (low < high && n->interval[high - 1].number == number)
		return high - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->interval[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert(struct mr_near *n, size_t at, int64_t number)
{
	if (n->n == n->cap && n->head > n->n / 2) {
		memmove(n->interval, n->interval + n->head, (n->n - n->head) * sizeof *n->interval);
		at -= n->head;
		n->n -= n->head;
		n->head = 0;
	}
	if (n->n == n->cap) {
		n->cap = n->cap ? 2 * n->cap : 16;
		n->interval = mr_xrealloc(n->interval, n->cap * sizeof *n->interval);
	}
	memmove(&n->interval[at + 1], &n->interval[at], (n->n - at) * sizeof *n->interval);
	n->interval[at] = (struct mr_near_interval){.number = number};
	n->interval[at].map = n->spares ? n->spare[--n->spares] :
					  mr_map_new(sizeof(struct mr_time));
	n->n++;
}

/* Less than D apart? */
static bool
is_near(const struct mr_near *n, const struct mr_time *a, const struct mr_time *b)
{
	int64_t ms = a->ms - b->ms;
	int32_t ns = a->ns - b->ns;

	if (ms < 0 || (ms == 0 && ns < 0)) {
		ms = -ms;
		ns = -ns;
	}
	return ms < n->within_ms || (ms == n->within_ms && ns < 0);
}

/* Was a time near this one kept in the interval at the place, if it has the number? */
static bool
has(const struct mr_near *n, size_t at, int64_t number, const struct mr_time *time, const char *key,
    size_t key_len)
{
	const struct mr_time *kept;

	if (at < n->head || at >= n->n || n->interval[at].number != number)
		return false;
	kept = mr_map_get(n->interval[at].map, key, key_len);
	return kept && is_near(n, kept, time);
}

int
mr_near_event(struct mr_near *n, const struct mr_time *time, const char *key, size_t key_len)
{
	int64_t number = time->ms / n->within_ms - (time->ms % n->within_ms < 0);
	size_t at = place(n, number), bytes;
	struct mr_near_interval *i;
	bool is_new;
	bool there = at < n->n && n->interval[at].number == number;

	if (has(n, at, number, time, key, key_len) ||
	    has(n, at + there, number + 1, time, key, key_len) ||
	    (at > n->head && has(n, at - 1, number - 1, time, key, key_len)))
		return 1;
	if (!there) {
		size_t behind = n->n - at;

		insert(n, at, number);
		at = n->n - 1 - behind;
	}
	i = &n->interval[at];
	*(struct mr_time *)mr_map_put(i->map, key, key_len, &is_new) = *time;
	bytes = mr_map_bytes(i->map) + sizeof *i;
	n->bytes += bytes - i->bytes;
	i->bytes = bytes;
	n->keys += is_new;
	return 0;
}

/*
 * A time that is accepted is ms - D or behind it, and what it may repeat is not
 * before ms - 2 D: an interval that ends there is of no use.
 */
void
mr_near_reached(struct mr_near *n, int64_t ms)
{
	int64_t first = ms / n->within_ms - (ms % n->within_ms < 0) - 2;

	if (ms == MR_TIME_MIN)
		return;
	while (n->head < n->n && n->interval[n->head].number < first)
		forget_first(n);
	if (n->head == n->n)
		n->head = n->n = 0;
}

/*
 * What an event is ordered by: its time to the nanosecond, then its arrival.
 */
#ifndef MR_ORDER_KEY_H
#define MR_ORDER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct mr_order_key {
	int64_t ms;
	uint64_t seq; /* of arrival: no two events have the same */
	char *at;     /* the event's bytes, len of them; in an arena or a buffer */
	int32_t ns;   /* behind ms */
	uint32_t len;
};

static inline bool
mr_order_before(const struct mr_order_key *a, const struct mr_order_key *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms;
	if (a->ns != b->ns)
		return a->ns < b->ns;
	return a->seq < b->seq;
}

/*
 * Sort keys that stand in the order of their arrival.  `room` is for the work
 * and is kept from call to call.
 *
 * Keys in order already cost a look at each.  Else a radix sort, least
 * significant digit first, of the distance to the earliest of them: as many
 * passes as that has digits of 11 bits, so one or two for times in whole
 * milliseconds within minutes.
 */
void mr_order_sort(struct mr_order_key *, size_t n, struct mr_buf *room);

#endif

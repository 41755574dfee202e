/*
 * lag - a histogram of delays.
 */
#include <inttypes.h>

#include "time/duration.h"
#include "time/lag.h"

/* The bits behind the first MR_LAG_BITS + 1 are cut off. */
static unsigned
bucket_of(int64_t ms)
{
	uint64_t v = (uint64_t)ms;
	unsigned shift = 0;

	if (v >> (MR_LAG_BITS + 1))
		shift = 63 - MR_LAG_BITS - (unsigned)__builtin_clzll(v);
	return (shift << MR_LAG_BITS) + (unsigned)(v >> shift);
}

/* The largest delay of a bucket. */
static int64_t
top_of(unsigned bucket)
{
	unsigned shift = bucket >> (MR_LAG_BITS + 1) ? (bucket >> MR_LAG_BITS) - 1 : 0;
	uint64_t first = bucket - (shift << MR_LAG_BITS);

	return (int64_t)(((first + 1) << shift) - 1);
}

void
mr_lag_add(struct mr_lag *lag, int64_t delay_ms, bool late)
{
	if (delay_ms < 0)
		delay_ms = 0;
	lag->events++;
	lag->late += late;
	lag->n[bucket_of(delay_ms)]++;
	if (delay_ms > lag->max_ms)
		lag->max_ms = delay_ms;
}

int64_t
mr_lag_quantile(const struct mr_lag *lag, unsigned parts)
{
	/* so many events, rounded up, without a product that overflows */
	uint64_t rank = lag->events / 10000 * parts + (lag->events % 10000 * parts + 9999) / 10000;
	uint64_t seen = 0;

	for (unsigned i = 0; i < MR_LAG_BUCKETS; i++) {
		seen += lag->n[i];
		if (seen >= rank && seen) {
			int64_t top = top_of(i);

			return top < lag->max_ms ? top : lag->max_ms;
		}
	}
	return 0;
}

void
mr_lag_write(const struct mr_lag *lag, struct mr_buf *out)
{
	static const struct {
		const char *name;
		unsigned parts;
	} which[] = {{"p50", 5000}, {"p90", 9000}, {"p99", 9900}, {"p99.9", 9990}};
	char text[64];

	for (size_t i = 0; i < sizeof which / sizeof *which; i++)
		mr_buf_printf(out, "%s %s ", which[i].name,
		    mr_duration_text(mr_lag_quantile(lag, which[i].parts), text));
	mr_buf_printf(out, "max %s, late %" PRIu64 " of %" PRIu64,
	    mr_duration_text(lag->max_ms, text), lag->late, lag->events);
	if (lag->events)
		mr_buf_printf(out, " (%.3g %%)", 100. * (double)lag->late / (double)lag->events);
}

/*
 * count - how many events, or how many values that are not null.
 */
#include "json/num.h"
#include "window/agg/agg.h"

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	(void)in;
	(void)held;
	++*(int64_t *)state;
}

static void
write(const void *state, struct mr_buf *out)
{
	mr_num_write_int64(out, *(const int64_t *)state);
}

const struct mr_agg_type mr_agg_count = {
    .name = "count",
    .alone = true,
    .size = sizeof(int64_t),
    .add = add,
    .write = write,
};

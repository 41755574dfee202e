/*
 * count - how many events, or how many values that are not null.
 */
#include "json/num.h"
#include "window/agg/agg.h"

void
mr_count_add(void *state, const struct mr_agg_in *in, size_t *held)
{
	(void)in;
	(void)held;
	++*(int64_t *)state;
}

void
mr_count_merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	(void)arg;
	(void)held;
	*(int64_t *)into += *(const int64_t *)from;
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	(void)of;
	(void)err;
	mr_num_write_int64(out, *(const int64_t *)state);
	return 0;
}

const struct mr_agg_type mr_agg_count = {
    .name = "count",
    .alone = true,
    .size = sizeof(int64_t),
    .add = mr_count_add,
    .merge = mr_count_merge,
    .write = write,
};

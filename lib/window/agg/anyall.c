/*
 * any, all - of booleans.
 */
#include "window/agg/agg.h"

enum { SEEN_FALSE = 1, SEEN_TRUE = 2 };

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	(void)held;
	*(uint64_t *)state |= in->val->type == MR_TRUE ? SEEN_TRUE : SEEN_FALSE;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	(void)arg;
	(void)held;
	*(uint64_t *)into |= *(const uint64_t *)from;
}

static int
write_any(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	uint64_t seen = *(const uint64_t *)state;

	(void)of;
	(void)err;
	mr_buf_adds(out, !seen ? "null" : seen & SEEN_TRUE ? "true" : "false");
	return 0;
}

static int
write_all(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	uint64_t seen = *(const uint64_t *)state;

	(void)of;
	(void)err;
	mr_buf_adds(out, !seen ? "null" : seen & SEEN_FALSE ? "false" : "true");
	return 0;
}

const struct mr_agg_type mr_agg_any = {
    .name = "any",
    .wants = "a boolean",
    .takes = 1 << MR_TRUE | 1 << MR_FALSE,
    .size = sizeof(uint64_t),
    .add = add,
    .merge = merge,
    .write = write_any,
};

const struct mr_agg_type mr_agg_all = {
    .name = "all",
    .wants = "a boolean",
    .takes = 1 << MR_TRUE | 1 << MR_FALSE,
    .size = sizeof(uint64_t),
    .add = add,
    .merge = merge,
    .write = write_all,
};

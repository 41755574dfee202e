/*
 * avg - the exact sum over the count, rounded to a double once.
 *
 * A number beyond the doubles is refused: the mean of what is left is within
 * them, so that no result has to be written as null.
 */
#include "json/num.h"
#include "window/agg/agg.h"

struct avg {
	struct mr_exact sum;
	uint64_t count;
};

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	if (mr_exact_read(&in->num, in->val->at, in->val->len, err))
		return -1;
	return in->num.wide || in->num.scale < -200 ? mr_agg_read_double(in, err) : 0;
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	struct avg *avg = state;

	mr_exact_add(&avg->sum, &in->num, held);
	avg->count++;
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	struct avg *avg = into;
	const struct avg *other = from;

	(void)arg;
	mr_exact_merge(&avg->sum, &other->sum, held);
	avg->count += other->count;
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	const struct avg *avg = state;
	double mean;

	(void)of;
	(void)err;
	if (!avg->count) {
		mr_buf_adds(out, "null");
		return 0;
	}
	mean = mr_exact_mean(&avg->sum, avg->count);
	mr_num_write_double(out, mean == 0 ? 0 : mean); /* -0 came from rounding */
	return 0;
}

static void
release(void *state, size_t *held)
{
	struct avg *avg = state;

	mr_exact_release(&avg->sum, held);
	avg->count = 0;
}

const struct mr_agg_type mr_agg_avg = {
    .name = "avg",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct avg),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write,
    .release = release,
};

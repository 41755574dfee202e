/*
 * sum - exact, whatever the order and size of its inputs.
 */
#include "window/agg/agg.h"

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	return mr_exact_read(&in->num, in->val->at, in->val->len, err);
}

static void
add(void *state, const struct mr_agg_in *in, size_t *held)
{
	mr_exact_add(state, &in->num, held);
}

static void
merge(void *into, const void *from, const struct mr_agg_arg *arg, size_t *held)
{
	(void)arg;
	mr_exact_merge(into, from, held);
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	(void)of;
	(void)err;
	mr_exact_write(state, out);
	return 0;
}

static void
release(void *state, size_t *held)
{
	mr_exact_release(state, held);
}

const struct mr_agg_type mr_agg_sum = {
    .name = "sum",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct mr_exact),
    .read = read,
    .add = add,
    .merge = merge,
    .write = write,
    .release = release,
};

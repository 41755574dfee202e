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
write(const void *state, struct mr_buf *out)
{
	mr_exact_write(state, out);
}

static void
release(void *state)
{
	mr_exact_release(state);
}

const struct mr_agg_type mr_agg_sum = {
    .name = "sum",
    .wants = "a number",
    .takes = 1 << MR_NUMBER,
    .size = sizeof(struct mr_exact),
    .read = read,
    .add = add,
    .write = write,
    .release = release,
};

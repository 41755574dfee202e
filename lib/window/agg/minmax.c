/*
 * min, max - of numbers, exactly, or of strings, by their decoded bytes.
 *
 * A number keeps its spelling.  Of two spellings of one value (1.50, 1.5) the
 * shorter is kept, then the one first in byte order: the result must not
 * depend on which came first.
 */
#include <string.h>

#include "json/num.h"
#include "json/str.h"
#include "window/agg/agg.h"
#include "window/agg/keep.h"

struct extreme {
	struct mr_keep keep; /* a number's spelling, a string's decoded bytes */
	size_t type;         /* MR_MISSING: nothing yet */
};

static int
read(struct mr_agg_in *in, struct mr_err *err)
{
	(void)err;
	if (in->val->type == MR_STRING) {
		in->text = mr_str_bytes(in->val, &in->room, &in->text_len);
	} else {
		in->text = in->val->at;
		in->text_len = in->val->len;
	}
	return 0;
}

static int
fits(const void *state, const struct mr_agg_in *in, struct mr_err *err)
{
	const struct extreme *x = state;

	if (x->type == MR_MISSING || x->type == in->val->type)
		return 0;
	return mr_err_set(err, MR_EX_DATA, "%s in a group that began with %s",
	    mr_type_words(in->val->type), mr_type_words((enum mr_type)x->type));
}

static int
cmp_bytes(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t shared = alen < blen ? alen : blen;
	int cmp = shared ? memcmp(a, b, shared) : 0;

	return cmp ? cmp : (alen > blen) - (alen < blen);
}

/* Put the value in place of the one kept if it is smaller (sign 1) or larger (-1). */
static void
challenge(struct extreme *x, const struct mr_agg_in *in, int sign, size_t *held)
{
	const char *old = mr_keep_at(&x->keep);
	size_t old_len = x->keep.len;
	int cmp = -1;

	if (x->type == MR_STRING) {
		cmp = sign * cmp_bytes(in->text, in->text_len, old, old_len);
	} else if (x->type == MR_NUMBER) {
		cmp = sign * mr_num_cmp(in->text, in->text_len, old, old_len);
		if (cmp == 0)
			cmp = (in->text_len > old_len) - (in->text_len < old_len);
		if (cmp == 0)
			cmp = cmp_bytes(in->text, in->text_len, old, old_len);
	}
	if (cmp < 0) {
		mr_keep_set(&x->keep, in->text, in->text_len, held);
		x->type = in->val->type;
	}
}

static void
add_min(void *state, const struct mr_agg_in *in, size_t *held)
{
	challenge(state, in, 1, held);
}

static void
add_max(void *state, const struct mr_agg_in *in, size_t *held)
{
	challenge(state, in, -1, held);
}

static void
write(const void *state, struct mr_buf *out)
{
	const struct extreme *x = state;

	if (x->type == MR_MISSING)
		mr_buf_adds(out, "null");
	else if (x->type == MR_STRING)
		mr_str_write(out, mr_keep_at(&x->keep), x->keep.len);
	else
		mr_buf_add(out, mr_keep_at(&x->keep), x->keep.len);
}

static void
release(void *state)
{
	struct extreme *x = state;

	mr_keep_release(&x->keep);
}

const struct mr_agg_type mr_agg_min = {
    .name = "min",
    .wants = "a number or a string",
    .takes = 1 << MR_NUMBER | 1 << MR_STRING,
    .size = sizeof(struct extreme),
    .read = read,
    .fits = fits,
    .add = add_min,
    .write = write,
    .release = release,
};

const struct mr_agg_type mr_agg_max = {
    .name = "max",
    .wants = "a number or a string",
    .takes = 1 << MR_NUMBER | 1 << MR_STRING,
    .size = sizeof(struct extreme),
    .read = read,
    .fits = fits,
    .add = add_max,
    .write = write,
    .release = release,
};

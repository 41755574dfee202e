/*
 * rate - events, or values that are not null, in a length of time: the count,
 * times that length, over the length of the window, rounded to a double once.
 */
#include <string.h>

#include "json/num.h"
#include "time/duration.h"
#include "window/agg/agg.h"
#include "window/agg/mpz.h"

static int
argument(struct mr_agg_arg *arg, const char *text, struct mr_err *err)
{
	if (!text)
		return mr_err_set(err, MR_EX_USAGE, "a length of time is missing: rate(per 1m)");
	if (!strncmp(text, "per ", 4))
		text += 4 + strspn(text + 4, " ");
	if (mr_duration_parse(text, &arg->ms, err))
		return -1;
	return arg->ms ? 0 : mr_err_set(err, MR_EX_USAGE, "'%s' is no length of time", text);
}

static int
write(const void *state, const struct mr_agg_out *of, struct mr_buf *out, struct mr_err *err)
{
	__int128 length = (__int128)of->end_ms - of->start_ms;
	mpz_t n, d;

	(void)err;
	if (of->start_ms == MR_TIME_MIN || of->end_ms == MR_TIME_MAX || length <= 0) {
		mr_buf_adds(out, "null");
		return 0;
	}
	mpz_init(n);
	mpz_init(d);
	mr_mpz_int128(n, (__int128)*(const int64_t *)state * of->arg->ms);
	mr_mpz_int128(d, length);
	mr_num_write_double(out, mr_mpz_ratio(n, d));
	mpz_clear(n);
	mpz_clear(d);
	return 0;
}

const struct mr_agg_type mr_agg_rate = {
    .name = "rate",
    .alone = true,
    .size = sizeof(int64_t),
    .argument = argument,
    .add = mr_count_add,
    .merge = mr_count_merge,
    .write = write,
};

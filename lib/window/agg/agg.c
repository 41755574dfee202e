/*
 * agg - the aggregates by name.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json/num.h"
#include "window/agg/agg.h"

static const struct mr_agg_type *const types[] = {
    &mr_agg_all,
    &mr_agg_any,
    &mr_agg_avg,
    &mr_agg_collect,
    &mr_agg_count,
    &mr_agg_distinct,
    &mr_agg_first,
    &mr_agg_last,
    &mr_agg_max,
    &mr_agg_median,
    &mr_agg_min,
    &mr_agg_quantile,
    &mr_agg_rate,
    &mr_agg_stddev,
    &mr_agg_stddev_pop,
    &mr_agg_sum,
    &mr_agg_top,
    &mr_agg_var_pop,
    &mr_agg_variance,
};

/* What SQL and other tools call some of them. */
static const struct {
	const char *theirs, *ours;
} foreign[] = {
    {"array_agg", "collect"},
    {"average", "avg"},
    {"count_distinct", "distinct"},
    {"every", "all"},
    {"list", "collect"},
    {"mean", "avg"},
    {"mode", "top"},
    {"percentile", "quantile"},
    {"percentile_cont", "quantile"},
    {"some", "any"},
    {"std", "stddev"},
    {"stddev_samp", "stddev"},
    {"stdev", "stddev"},
    {"var", "variance"},
    {"var_samp", "variance"},
};

static bool
is_like(const char *known, const char *name, size_t len)
{
	return strlen(known) == len && !strncasecmp(known, name, len);
}

/* The one that was meant, or NULL. */
static const char *
guess(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (is_like(types[i]->name, name, len))
			return types[i]->name;
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
		if (is_like(foreign[i].theirs, name, len))
			return foreign[i].ours;
	return NULL;
}

static const struct mr_agg_type *
no_such(const char *name, size_t len, struct mr_err *err)
{
	const char *meant = guess(name, len);
	struct mr_buf names = MR_BUF_INIT;

	if (meant) {
		mr_err_set(err, MR_EX_USAGE, "no aggregate '%.*s': it is %s", (int)len, name,
		    meant);
		return NULL;
	}
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		mr_buf_addc(&names, ' ');
		mr_buf_adds(&names, types[i]->name);
	}
	mr_err_set(err, MR_EX_USAGE, "no aggregate '%.*s'; there are%s", (int)(len < 64 ? len : 64),
	    name, mr_buf_str(&names));
	mr_buf_release(&names);
	return NULL;
}

const struct mr_agg_type *
mr_agg_find(const char *name, size_t len, struct mr_err *err)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strlen(types[i]->name) == len && !memcmp(types[i]->name, name, len))
			return types[i];
	return no_such(name, len, err);
}

const char *
mr_type_words(enum mr_type type)
{
	static const char *const words[] = {
	    "a missing value",
	    "null",
	    "a boolean",
	    "a boolean",
	    "a number",
	    "a string",
	    "an array",
	    "an object",
	};

	return words[type];
}

int
mr_agg_read(const struct mr_agg_type *type, struct mr_agg_in *in, struct mr_err *err)
{
	if (type->wants && !(type->takes >> in->val->type & 1))
		return mr_err_set(err, MR_EX_DATA, "%s needs %s, not %s", type->name, type->wants,
		    mr_type_words(in->val->type));
	if (type->read && type->read(in, err))
		return mr_err_prefix(err, "%s", type->name);
	return 0;
}

void
mr_agg_in_release(struct mr_agg_in *in)
{
	mr_buf_release(&in->key);
	mr_buf_release(&in->room);
}

int
mr_agg_read_double(struct mr_agg_in *in, struct mr_err *err)
{
	in->number = mr_num_double(in->val->at, in->val->len);
	if (isinf(in->number))
		return mr_err_set(err, MR_EX_DATA, "the number is beyond 1.7976931348623157e+308");
	return 0;
}

int
mr_agg_whole(const char *text, int64_t max, int64_t *n, struct mr_err *err)
{
	size_t len = strspn(text, "0123456789");

	*n = len && len <= 18 && !text[len] ? strtoll(text, NULL, 10) : 0;
	if (*n < 1 || *n > max)
		return mr_err_set(err, MR_EX_USAGE, "'%s' is no whole number from 1 to %lld", text,
		    (long long)max);
	return 0;
}

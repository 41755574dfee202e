/*
 * agg - the aggregates by name.
 */
#include <string.h>

#include "window/agg/agg.h"

static const struct mr_agg_type *const types[] = {
    &mr_agg_avg,
    &mr_agg_count,
    &mr_agg_first,
    &mr_agg_last,
    &mr_agg_max,
    &mr_agg_min,
    &mr_agg_sum,
};

const struct mr_agg_type *
mr_agg_find(const char *name, size_t len, struct mr_err *err)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strlen(types[i]->name) == len && !memcmp(types[i]->name, name, len))
			return types[i];
	mr_err_set(err, MR_EX_USAGE,
	    "no aggregate '%.*s'; there are avg count first last max min sum",
	    (int)(len < 64 ? len : 64), name);
	return NULL;
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

/*
 * What the files of the builtins share.  For lib/jq/fn alone.
 *
 * A table ends with a row whose name is NULL.  Builtins whose name begins
 * with '_' are steps of definitions in def.c and no part of the language.
 */
#ifndef MR_JQ_FN_OWN_H
#define MR_JQ_FN_OWN_H

#include "jq/fn/fn.h"

extern const struct mr_jq_fn mr_jq_fn_core[], mr_jq_fn_text[], mr_jq_fn_format[], mr_jq_fn_regex[],
    mr_jq_fn_math[], mr_jq_fn_time[], mr_jq_fn_world[];

/* A definition in jq's language. */
struct mr_jq_def {
	const char *name;
	int arity;
	const char *text;
};

extern const struct mr_jq_def mr_jq_defs[];

void mr_regex_cache_free(struct mr_regex_cache *);

static inline bool
mr_iterable(const struct mr_value *v)
{
	return v->type == MR_ARRAY || v->type == MR_OBJECT;
}

static inline struct mr_value
mr_value_word(const char *s) /* a short text of ours */
{
	return mr_value_string(s, strlen(s));
}

/* A string stays, anything else becomes its JSON text. */
struct mr_value mr_value_tostring(struct mr_value, struct mr_buf *room);

/* Code points of well-formed UTF-8. */
size_t mr_code_points(const char *at, size_t len);

/* Free the arguments, input included. */
void mr_args_free(struct mr_value *args, int arity);

#endif

/*
 * fn - the register of the builtins, and what their files share.
 *
 * A program asks for each name once, when it is compiled: the tables are
 * searched from the front.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/fn/own.h"

static const struct mr_jq_fn *const tables[] = {mr_jq_fn_core, mr_jq_fn_text, mr_jq_fn_format,
    mr_jq_fn_regex, mr_jq_fn_math, mr_jq_fn_time, mr_jq_fn_world};

enum { TABLES = sizeof tables / sizeof *tables };

void
mr_jq_run_init(struct mr_jq_run *run)
{
	*run = (struct mr_jq_run){.named = MR_VALUE_NULL};
}

void
mr_jq_run_release(struct mr_jq_run *run)
{
	mr_value_free(run->named);
	mr_regex_cache_free(run->regexes);
	mr_buf_release(&run->room);
	mr_buf_release(&run->room2);
	mr_jq_run_init(run);
}

const struct mr_jq_fn *
mr_jq_fn(const char *name, int arity)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct mr_jq_fn *f = tables[t]; f->name; f++)
			if (f->arity == arity && strcmp(f->name, name) == 0)
				return f;
	return NULL;
}

const char *
mr_jq_def(const char *name, int arity)
{
	for (const struct mr_jq_def *d = mr_jq_defs; d->name; d++)
		if (d->arity == arity && strcmp(d->name, name) == 0)
			return d->text;
	return NULL;
}

const char *
mr_jq_builtin_name(size_t i, int *arity)
{
	for (size_t t = 0; t < TABLES; t++)
		for (const struct mr_jq_fn *f = tables[t]; f->name; f++)
			if (f->name[0] != '_' && i-- == 0) {
				*arity = f->arity;
				return f->name;
			}
	for (const struct mr_jq_def *d = mr_jq_defs; d->name; d++)
		if (d->name[0] != '_' && i-- == 0) {
			*arity = d->arity;
			return d->name;
		}
	return NULL;
}

static int
refuse(const char *verb, struct mr_value bad, const char *as, struct mr_value *out)
{
	char room[32];

	mr_value_fail(out, "Cannot %s %s (%s)%s", verb, mr_value_kind(&bad),
	    mr_value_show(&bad, room), as);
	mr_value_free(bad);
	return -1;
}

int
mr_fail_iterate(struct mr_value bad, struct mr_value *out)
{
	return refuse("iterate over", bad, "", out);
}

int
mr_fail_key(struct mr_value bad, struct mr_value *out)
{
	return refuse("use", bad, " as object key", out);
}

struct mr_value
mr_value_tostring(struct mr_value v, struct mr_buf *room)
{
	struct mr_value s;

	if (v.type == MR_STRING)
		return v;
	room->len = 0;
	mr_value_write(&v, false, room);
	s = mr_value_string(room->at, room->len);
	room->len = 0;
	mr_value_free(v);
	return s;
}

void
mr_args_free(struct mr_value *args, int arity)
{
	for (int i = 0; i <= arity; i++)
		mr_value_free(args[i]);
}

/*
 * spec - take --by and --agg apart.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "jq/list.h"
#include "json/str.h"
#include "window/spec.h"

static bool
is_name(struct mr_item s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if (!(c >= 0x80 || c == '_' || c == '-' || c == '$' || (c >= '0' && c <= '9') ||
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return s.len != 0;
}

/* The '=' behind a name, or end: none that belongs to one of jq's operators. */
static const char *
find_equals(struct mr_item item)
{
	const char *end = item.at + item.len, *eq = mr_item_find(item.at, end, '=');

	if (eq == item.at || eq == end)
		return eq;
	if (*item.at == '.')
		return end;
	return (eq + 1 < end && eq[1] == '=') || strchr("!<>|+-*/%", eq[-1]) ? end : eq;
}

/* Split NAME= off the item; *name is null when there is none. */
static int
take_name(struct mr_item *item, char **name, struct mr_err *err)
{
	const char *end = item->at + item->len, *eq = find_equals(*item);
	struct mr_item before = mr_item_trim(item->at, eq);

	*name = NULL;
	if (eq == end)
		return 0;
	if (!is_name(before) || !mr_utf8_ok(before.at, before.len))
		return mr_err_set(err, MR_EX_USAGE, "'%.*s' is no name: use letters, digits, _ - $",
		    (int)before.len, before.at);
	*name = mr_xmemdup0(before.at, before.len);
	*item = mr_item_trim(eq + 1, end);
	return 0;
}

static int
take_field(struct mr_spec *spec, struct mr_item text, struct mr_field *field, struct mr_err *err)
{
	if (!text.len)
		return mr_err_set(err, MR_EX_USAGE, "a path is missing");
	if (mr_field_init(field, spec->scan, text.at, text.len, err))
		return -1;
	spec->thorough |= field->thorough;
	return 0;
}

static char *
label_of(const char *name)
{
	struct mr_buf b = MR_BUF_INIT;

	mr_buf_addc(&b, ',');
	mr_str_write(&b, name, strlen(name));
	mr_buf_adds(&b, ":");
	mr_buf_str(&b);
	return b.at;
}

void
mr_spec_init(struct mr_spec *spec, struct mr_scan *scan)
{
	*spec = (struct mr_spec){.scan = scan};
}

void
mr_spec_release(struct mr_spec *spec)
{
	for (size_t i = 0; i < spec->nby; i++) {
		free(spec->by[i].name);
		free(spec->by[i].label);
		mr_field_release(&spec->by[i].field);
	}
	for (size_t i = 0; i < spec->nagg; i++) {
		free(spec->agg[i].name);
		free(spec->agg[i].label);
		mr_field_release(&spec->agg[i].field);
		mr_field_release(&spec->agg[i].where);
		mr_agg_in_release(&spec->agg[i].in);
	}
	free(spec->by);
	free(spec->agg);
	mr_spec_init(spec, NULL);
}

static int
parse_by(struct mr_spec *spec, struct mr_spec_by *by, struct mr_item item, struct mr_err *err)
{
	const char *key;

	if (take_name(&item, &by->name, err) || take_field(spec, item, &by->field, err))
		return -1;
	if (!by->name) {
		if (!(key = mr_field_name(&by->field, spec->scan)))
			return mr_err_set(err, MR_EX_USAGE,
			    "'%.200s' has no name: write NAME=%.200s", by->field.text,
			    by->field.text);
		by->name = mr_xstrdup(key);
	}
	by->label = label_of(by->name);
	return 0;
}

int
mr_spec_add_by(struct mr_spec *spec, const char *text, struct mr_err *err)
{
	struct mr_item item;

	while (mr_list_next(&text, &item)) {
		spec->by = mr_xrealloc(spec->by, (spec->nby + 1) * sizeof *spec->by);
		spec->by[spec->nby] = (struct mr_spec_by){.field = MR_FIELD_NONE};
		if (parse_by(spec, &spec->by[spec->nby++], item, err))
			return mr_err_prefix(err, "--by");
	}
	return 0;
}

/* The first word `where` outside of quotes and brackets, or end. */
static const char *
find_where(const char *at, const char *end)
{
	for (; (at = mr_item_find(at, end, 'w')) < end; at++)
		if (end - at >= 5 && memcmp(at, "where", 5) == 0 && strchr(" \t\n)", at[-1]) &&
		    (at + 5 == end || !is_name((struct mr_item){at + 5, 1})))
			return at;
	return end;
}

/* Split `where FIELD` off the item. */
static int
take_where(struct mr_spec *spec, struct mr_item *item, struct mr_field *where, struct mr_err *err)
{
	const char *end = item->at + item->len, *word = find_where(item->at + 1, end);

	if (word == end)
		return 0;
	*item = mr_item_trim(item->at, word);
	return take_field(spec, mr_item_trim(word + 5, end), where, err) ?
	    mr_err_prefix(err, "where") :
	    0;
}

/* FUNCTION(...): what is in the brackets behind the function's name, or an item of length 0. */
static int
take_brackets(struct mr_item *item, struct mr_item *inside, struct mr_err *err)
{
	const char *end = item->at + item->len, *open = memchr(item->at, '(', item->len), *close;

	*inside = (struct mr_item){end, 0};
	if (!open)
		return 0;
	close = mr_item_find(open + 1, end, ')');
	if (close + 1 != end)
		return mr_err_set(err, MR_EX_USAGE,
		    close == end ?
			"'%.*s': ')' is missing" :
			"'%.*s': nothing may follow ')'; a name stands in front: NAME=...",
		    (int)item->len, item->at);
	*inside = mr_item_trim(open + 1, close);
	*item = mr_item_trim(item->at, open);
	if (!inside->len || (inside->len == 1 && *inside->at == '*'))
		return mr_err_set(err, MR_EX_USAGE,
		    "'%.*s(%.*s)': a path is missing: %.*s(.field)%s", (int)item->len, item->at,
		    (int)inside->len, inside->at, (int)item->len, item->at,
		    item->len == 5 && !strncasecmp(item->at, "count", 5) ?
			", or count alone for events" :
			"");
	return 0;
}

/* FIELD ; ARGUMENT: only the field is left of the item. */
static int
take_argument(struct mr_spec_agg *agg, struct mr_item *item, struct mr_err *err)
{
	const struct mr_agg_type *type = agg->type;
	const char *end = item->at + item->len, *semicolon = mr_item_find(item->at, end, ';');
	struct mr_item text = {end, 0};
	char *copy = NULL;
	int rc;

	if (semicolon < end) {
		text = mr_item_trim(semicolon + 1, end);
		*item = mr_item_trim(item->at, semicolon);
		copy = mr_xmemdup0(text.at, text.len);
	} else if (type->argument && type->alone && item->len) {
		copy = mr_xmemdup0(item->at, item->len);
		item->len = 0;
	}
	if (type->argument)
		rc = type->argument(&agg->arg, copy, err);
	else
		rc = copy ? mr_err_set(err, MR_EX_USAGE, "it takes no argument '%s'", copy) : 0;
	free(copy);
	return rc ? mr_err_prefix(err, "%s", type->name) : 0;
}

static int
name_agg(struct mr_spec *spec, struct mr_spec_agg *agg, struct mr_err *err)
{
	struct mr_buf b = MR_BUF_INIT;
	const char *key;

	if (agg->name)
		return 0;
	mr_buf_adds(&b, agg->type->name);
	if (agg->field.text) {
		if (!(key = mr_field_name(&agg->field, spec->scan))) {
			mr_buf_release(&b);
			return mr_err_set(err, MR_EX_USAGE,
			    "'%s(%.200s)' has no name: write NAME=%s(%.200s)", agg->type->name,
			    agg->field.text, agg->type->name, agg->field.text);
		}
		mr_buf_addc(&b, '_');
		mr_buf_adds(&b, key);
	}
	mr_buf_str(&b);
	agg->name = b.at;
	return 0;
}

static int
parse_agg(struct mr_spec *spec, struct mr_spec_agg *agg, struct mr_item item, struct mr_err *err)
{
	struct mr_item field;

	if (!item.len)
		return mr_err_set(err, MR_EX_USAGE, "an aggregate is missing");
	if (take_where(spec, &item, &agg->where, err) || take_name(&item, &agg->name, err) ||
	    take_brackets(&item, &field, err))
		return -1;
	if (!(agg->type = mr_agg_find(item.at, item.len, err)))
		return -1;
	if (take_argument(agg, &field, err))
		return -1;
	if (field.len) {
		if (take_field(spec, field, &agg->field, err))
			return -1;
	} else if (!agg->type->alone) {
		return mr_err_set(err, MR_EX_USAGE, "%s needs a path: %s(.field)", agg->type->name,
		    agg->type->name);
	}
	if (name_agg(spec, agg, err))
		return -1;
	agg->label = label_of(agg->name);
	agg->at = spec->state_size;
	spec->state_size += (agg->type->size + 7) / 8 * 8;
	return 0;
}

int
mr_spec_add_agg(struct mr_spec *spec, const char *text, struct mr_err *err)
{
	struct mr_item item;

	while (mr_list_next(&text, &item)) {
		spec->agg = mr_xrealloc(spec->agg, (spec->nagg + 1) * sizeof *spec->agg);
		spec->agg[spec->nagg] = (struct mr_spec_agg){.field = MR_FIELD_NONE,
		    .where = MR_FIELD_NONE};
		if (parse_agg(spec, &spec->agg[spec->nagg++], item, err))
			return mr_err_prefix(err, "--agg");
	}
	return 0;
}

static const char *
column(const struct mr_spec *spec, size_t i)
{
	static const char *const bounds[] = {"window_start", "window_end"};

	if (i < 2)
		return bounds[i];
	i -= 2;
	return i < spec->nby ? spec->by[i].name : spec->agg[i - spec->nby].name;
}

int
mr_spec_done(struct mr_spec *spec, struct mr_err *err)
{
	size_t n;

	if (!spec->nagg && mr_spec_add_agg(spec, "count", err))
		return -1;
	n = 2 + spec->nby + spec->nagg;
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(column(spec, i), column(spec, j)))
				return mr_err_set(err, MR_EX_USAGE,
				    "two columns of a result are named '%s': write NAME=... in --by or --agg",
				    column(spec, i));
	return 0;
}

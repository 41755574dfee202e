/*
 * read - values and key of an event.
 */
#include "json/key.h"
#include "window/read.h"

void
mr_read_init(struct mr_read *r)
{
	*r = (struct mr_read){.scan = mr_scan_new()};
	mr_spec_init(&r->spec, r->scan);
}

void
mr_read_release(struct mr_read *r)
{
	mr_spec_release(&r->spec);
	mr_scan_free(r->scan);
	mr_buf_release(&r->key);
	mr_buf_release(&r->room);
	r->scan = NULL;
}

int
mr_read_setup(struct mr_read *r, struct mr_err *err)
{
	mr_buf_grow(&r->key, 1); /* an empty key has a place, too */
	if (mr_spec_done(&r->spec, err))
		return -1;
	for (size_t i = 0; i < r->spec.nagg; i++) {
		r->spec.agg[i].in.arg = &r->spec.agg[i].arg;
		r->spec.agg[i].in.time = &r->time;
	}
	return 0;
}

static int
read_value(struct mr_spec_agg *agg, const struct mr_line *line, struct mr_err *err)
{
	int hit;

	agg->takes = false;
	agg->in.val = NULL;
	if (agg->where.text && (hit = mr_field_test(&agg->where, line, err)) <= 0)
		return hit;
	if (agg->field.text) {
		const struct mr_val *val;

		if (mr_field_get(&agg->field, line, &val, err))
			return -1;
		if (val->type <= MR_NULL)
			return 0;
		agg->in.val = val;
		if (mr_agg_read(agg->type, &agg->in, err))
			return mr_err_prefix(err, "%.200s", agg->field.text);
	}
	agg->takes = true;
	return 0;
}

static int
read_values(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	for (size_t i = 0; i < r->spec.nagg; i++) {
		struct mr_spec_agg *agg = &r->spec.agg[i];

		if (read_value(agg, line, err))
			return -1;
	}
	return 0;
}

static int
read_key(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	r->key.len = 0;
	for (size_t i = 0; i < r->spec.nby; i++) {
		if (i)
			mr_buf_addc(&r->key, MR_KEY_SEPARATOR);
		if (mr_field_key(&r->spec.by[i].field, line, &r->key, &r->room, err))
			return -1;
	}
	return 0;
}

int
mr_read_event(struct mr_read *r, const struct mr_line *line, struct mr_err *err)
{
	return read_values(r, line, err) || read_key(r, line, err) ? -1 : 0;
}

bool
mr_read_key(struct mr_read *r, const struct mr_val *vals, struct mr_buf *key)
{
	struct mr_err ignored = MR_ERR_INIT;

	key->len = 0;
	for (size_t i = 0; i < r->spec.nby; i++) {
		int slot = r->spec.by[i].field.slot;

		if (i)
			mr_buf_addc(key, MR_KEY_SEPARATOR);
		if (slot < 0 || mr_key_add(key, &vals[slot], &r->room, &ignored))
			return false;
	}
	return true;
}

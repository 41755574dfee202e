/*
 * row - from a line of JSON to a line of COPY.
 *
 * Records of a stream nearly always have their members in one order, so the
 * column of member i is tried first for member i of the next record, and the
 * names are searched only when that fails.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "json/num.h"
#include "json/str.h"
#include "pg/row.h"

void
mr_pg_row_init(struct mr_pg_row *r)
{
	struct mr_err err;

	*r = (struct mr_pg_row){.whole = mr_scan_new()};
	mr_scan_path(r->whole, ".", &err);
}

void
mr_pg_row_release(struct mr_pg_row *r)
{
	mr_scan_free(r->whole);
	free(r->vals);
	free(r->guess);
	mr_buf_release(&r->room);
}

static void
reserve(struct mr_pg_row *r, size_t ncols)
{
	if (r->cap >= ncols && r->cap > 0)
		return;
	r->cap = ncols * 2 + 16;
	r->vals = mr_xrealloc(r->vals, r->cap * sizeof *r->vals);
}

/* The column of a key, -1 none; *name and *len are the decoded key. */
static long
column_of(struct mr_pg_row *r, const struct mr_pg_table *t, size_t i, const struct mr_val *key,
    const char **name, size_t *len)
{
	long c = i < r->nguess ? r->guess[i] : -1;

	*name = mr_str_bytes(key, &r->room, len);
	if (c >= 0 && (size_t)c < t->ncols && t->cols[c].len == *len &&
	    memcmp(t->cols[c].name, *name, *len) == 0)
		return c;
	c = mr_pg_table_find(t, *name, *len);
	if (i >= r->nguess && i < MR_PG_COLUMNS_MAX) {
		r->guess = mr_xrealloc(r->guess, (i + 1) * sizeof *r->guess);
		while (r->nguess <= i)
			r->guess[r->nguess++] = -1;
	}
	if (i < r->nguess)
		r->guess[i] = c;
	return c;
}

static bool
other_case(const struct mr_pg_table *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->ncols; i++)
		if (t->cols[i].len == len && strncasecmp(t->cols[i].name, name, len) == 0)
			return true;
	return false;
}

/* A field without a column: 0 pass over it, 1 added, -1 refused. */
static int
unknown(struct mr_pg_row *r, struct mr_pg_table *t, struct mr_pg *p, const char *name, size_t len,
    const struct mr_val *v, unsigned flags, struct mr_err *err)
{
	int shown = (int)(len < 80 ? len : 80);

	if (flags & MR_PG_ADD) {
		if (t->now && v->type == MR_NULL)
			return 0;
		if (mr_pg_table_add(t, p, name, len, err) >= 0)
			return 1;
		if (!(flags & MR_PG_IGNORE_EXTRA))
			return -1;
	}
	if (flags & MR_PG_IGNORE_EXTRA) {
		r->ignored++;
		return 0;
	}
	mr_err_set(err, MR_EX_DATA,
	    "table %s has no column '%.*s'%s (--extra ignore passes over it)",
	    mr_buf_str(&t->quoted), shown, name,
	    other_case(t, name, len) ? ", but one in another case: names are compared as they are" :
				       "");
	return -1;
}

static int
take(struct mr_pg_row *r, struct mr_pg_table *t, struct mr_pg *p, size_t i,
    const struct mr_val *key, const struct mr_val *v, unsigned flags, struct mr_err *err)
{
	const char *name;
	size_t len;
	long c = column_of(r, t, i, key, &name, &len);

	if (c < 0) {
		int added = unknown(r, t, p, name, len, v, flags, err);

		if (added <= 0)
			return added;
		c = (long)t->ncols - 1;
		reserve(r, t->ncols);
	}
	if (t->cols[c].generated)
		return mr_err_set(err, MR_EX_DATA, "column '%s' is generated and cannot be written",
		    t->cols[c].name);
	r->vals[c] = *v;
	return 1;
}

int
mr_pg_row_read(struct mr_pg_row *r, struct mr_pg_table *t, struct mr_pg *p,
    const struct mr_line *line, unsigned flags, struct mr_err *err)
{
	struct mr_val whole, key, val;
	struct mr_members m;
	size_t had = t->ncols;
	int some = 0;

	if (mr_scan_line(r->whole, line->at, line->len,
		MR_SCAN_OBJECT | (flags & MR_PG_TRUSTED ? MR_SCAN_TRUSTED : 0), &whole, err) < 0)
		return -1;
	reserve(r, t->ncols);
	memset(r->vals, 0, r->cap * sizeof *r->vals); /* MR_MISSING is 0 */
	mr_members_init(&m, &whole);
	for (size_t i = 0; mr_members_next(&m, &key, &val); i++) {
		int n = take(r, t, p, i, &key, &val, flags, err);

		if (n < 0)
			return -1;
		some |= n;
		if (t->ncols > had) { /* what reserve() added is not zeroed */
			memset(r->vals + t->ncols, 0, (r->cap - t->ncols) * sizeof *r->vals);
			had = t->ncols;
		}
	}
	if (!some)
		return mr_err_set(err, MR_EX_DATA, "no field of the record is a column of table %s",
		    mr_buf_str(&t->quoted));
	return 0;
}

/* COPY's text format: backslash, tab and line ends are escaped, other bytes are themselves. */
static void
escape(const char *at, size_t len, struct mr_buf *out)
{
	const char *end = at + len, *run = at;

	for (; at < end; at++) {
		char c = *at, as;

		switch (c) {
		case '\\': as = '\\'; break;
		case '\t': as = 't'; break;
		case '\n': as = 'n'; break;
		case '\r': as = 'r'; break;
		default: continue;
		}
		mr_buf_add(out, run, (size_t)(at - run));
		mr_buf_addc(out, '\\');
		mr_buf_addc(out, as);
		run = at + 1;
	}
	mr_buf_add(out, run, (size_t)(at - run));
}

static int
write_string(struct mr_pg_row *r, const struct mr_val *v, struct mr_buf *out, struct mr_err *err)
{
	if (!v->escaped) { /* no control bytes then, and no backslash */
		mr_buf_add(out, v->at + 1, v->len - 2);
		return 0;
	}
	r->room.len = 0;
	mr_str_decode(v, &r->room);
	if (memchr(r->room.at, '\0', r->room.len))
		return mr_err_set(err, MR_EX_DATA, "a text of PostgreSQL cannot hold \\u0000");
	escape(r->room.at, r->room.len, out);
	return 0;
}

/* Nanoseconds are kept as read: the server rounds to microseconds. */
static int
write_epoch(struct mr_pg_col *c, const struct mr_val *v, struct mr_buf *out, struct mr_err *err)
{
	struct mr_time t;

	if (mr_stamp_val(&c->stamper, v, &t, err) < 0)
		return -1;
	mr_stamp_write(out, t.ms);
	out->len--; /* the Z */
	mr_buf_printf(out, "%06dZ", (int)t.ns);
	return 0;
}

int
mr_pg_row_write(struct mr_pg_row *r, struct mr_pg_col *c, size_t i, struct mr_buf *out,
    struct mr_err *err)
{
	const struct mr_val *v = &r->vals[i];
	int64_t n;

	switch (v->type) {
	case MR_MISSING:
	case MR_NULL: mr_buf_add(out, "\\N", 2); return 0;
	case MR_STRING:
		if (c->write != MR_PG_AS_JSON)
			return write_string(r, v, out, err);
		escape(v->at, v->len, out);
		return 0;
	case MR_NUMBER:
		if (c->write == MR_PG_AS_TIME)
			return write_epoch(c, v, out, err);
		if (c->write == MR_PG_AS_INT && mr_num_int64(v->at, v->len, &n))
			mr_num_write_int64(out, n);
		else
			mr_buf_add(out, v->at, v->len);
		return 0;
	default: escape(v->at, v->len, out); return 0;
	}
}

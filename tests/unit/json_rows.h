/*
 * A stream read by rows beside mr_scan_line(): every row is a line, with the
 * values that are found in it alone; where a batch stops is where it should.
 * Used by the unit test with made-up streams and by the fuzz target.
 */
#ifndef MR_JSON_ROWS_H
#define MR_JSON_ROWS_H

#include <stdint.h>
#include <string.h>

#include "json/kernel.h"

enum { ROWS_SLOTS = 32, ROWS_MOST = 256 };

struct rows_check {
	const struct mr_kernel *kernel;
	struct mr_scan *scan;		/* by rows */
	const struct mr_scan *exact;	/* the same paths, line by line */
	const char *at, *end;		/* the stream, MR_SCAN_PAD bytes of anything behind it */
	unsigned flags;
	uint64_t seed;			/* of how much is read at a time */
	const char *line;		/* where they differ */
	size_t len;
};

static inline unsigned
rows_roll(struct rows_check *c, size_t n)
{
	c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((c->seed >> 33) % n);
}

static inline bool
rows_same(const struct mr_val *a, const struct mr_val *b, int n)
{
	for (int i = 0; i < n; i++)
		if (a[i].at != b[i].at || a[i].len != b[i].len || a[i].type != b[i].type ||
		    a[i].escaped != b[i].escaped)
			return false;
	return true;
}

static inline bool
rows_within(const struct mr_val *v, int n, const struct mr_scan_row *row)
{
	for (int i = 0; i < n; i++)
		if (v[i].at && (v[i].at < row->at || v[i].len > row->len ||
		    v[i].at + v[i].len > row->at + row->len))
			return false;
	return true;
}

static inline const char *
rows_differ_at(struct rows_check *c, const char *why, const char *line, size_t len)
{
	c->line = line;
	c->len = len;
	return why;
}

/* One row, which should begin at `at`. */
static inline const char *
rows_one(struct rows_check *c, const char *at, const struct mr_scan_row *row, const struct mr_val *vals)
{
	struct mr_val want[ROWS_SLOTS];
	struct mr_err err = MR_ERR_INIT;
	int n = mr_scan_count(c->exact);
	const char *why = NULL;

	if (row->at != at || row->at + row->len >= c->end || row->at[row->len] != '\n' ||
	    memchr(row->at, '\n', row->len))
		return rows_differ_at(c, "not a line", at, row->len);
	if (mr_scan_line(c->exact, row->at, row->len, c->flags & MR_SCAN_OBJECT, want, &err) == 0)
		why = rows_same(want, vals, n) ? NULL : "other values";
	else if (!(c->flags & MR_SCAN_TRUSTED))
		why = "accepted";
	else if (!rows_within(vals, n, row))
		why = "outside of the line";
	return why ? rows_differ_at(c, why, row->at, row->len) : NULL;
}

/* What stopped a batch at `at`; *next is where a tool would go on, NULL: the rest is no line. */
static inline const char *
rows_stopped(struct rows_check *c, const char *at, const char *stop, const char **next)
{
	const char *lf = memchr(at, '\n', (size_t)(stop - at));
	struct mr_val alone[ROWS_SLOTS];
	struct mr_err err = MR_ERR_INIT;

	*next = lf ? lf + 1 : NULL;
	if (lf && mr_scan_line(c->exact, at, (size_t)(lf - at), c->flags, alone, &err) == 0)
		return rows_differ_at(c, "refused", at, (size_t)(lf - at));
	return NULL;
}

/* NULL, or how they differ; c->line is then where. */
static inline const char *
rows_differ(struct rows_check *c)
{
	static struct mr_scan_row rows[ROWS_MOST];
	static struct mr_val vals[ROWS_MOST * ROWS_SLOTS];
	size_t slots = (size_t)mr_scan_count(c->scan);
	const char *at = c->at, *stop = c->at, *why, *next;

	while (at < c->end) {
		size_t max = rows_roll(c, 8) ? 1 + rows_roll(c, ROWS_MOST) : 1 + rows_roll(c, 4), n;
		const char *from = at;

		if (stop <= at)	/* how far the text has been read: not yet all of it, at times */
			stop = rows_roll(c, 3) ? c->end : at + 1 + rows_roll(c, (size_t)(c->end - at));
		n = c->kernel->rows(c->scan, &at, stop, c->flags, rows, max, vals);
		if (n > max || at > stop || at < from)
			return rows_differ_at(c, "beyond", from, 0);
		for (size_t i = 0; i < n; from = rows[i].at + rows[i].len + 1, i++)
			if ((why = rows_one(c, from, &rows[i], vals + i * slots)))
				return why;
		if (from != at)
			return rows_differ_at(c, "a gap", from, 0);
		if (n == max || at == stop)
			continue;
		if ((why = rows_stopped(c, at, stop, &next)))
			return why;
		if (!next && stop == c->end)
			break;
		if (next)
			at = next;
		else
			stop = c->end;
	}
	return NULL;
}

#endif

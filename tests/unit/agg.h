/*
 * A pane of one aggregate, and slow exact arithmetic to judge it by.
 */
#ifndef MR_UNIT_AGG_H
#define MR_UNIT_AGG_H

#include <gmp.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit.h"
#include "json/num.h"
#include "window/agg/agg.h"

#define STATE_MAX 128

/* One group's state, on 8 and not 16 bytes, as in a pane. */
struct pane {
	const struct mr_agg_type *type;
	uint64_t words[1 + STATE_MAX / 8];
	size_t held;
	struct mr_agg_in in;
	struct mr_agg_arg arg;
	struct mr_buf out;
};

static inline void
pane_init_with(struct pane *p, const struct mr_agg_type *type, const char *argument)
{
	struct mr_err err = MR_ERR_INIT;

	memset(p, 0, sizeof *p);
	p->type = type;
	if (type->argument)
		CHECK(type->argument(&p->arg, argument, &err) == 0);
}

static inline void
pane_init(struct pane *p, const struct mr_agg_type *type)
{
	pane_init_with(p, type, NULL);
}

static inline void *
state(struct pane *p)
{
	return p->words + 1;
}

static inline enum mr_type
type_of(const char *json)
{
	switch (*json) {
	case '"': return MR_STRING;
	case '{': return MR_OBJECT;
	case '[': return MR_ARRAY;
	case 't': return MR_TRUE;
	case 'f': return MR_FALSE;
	case 'n': return MR_NULL;
	default:  return MR_NUMBER;
	}
}

static inline int
pane_add_time(struct pane *p, const char *json, struct mr_time time, struct mr_err *err)
{
	struct mr_val val = {json, strlen(json), type_of(json), strchr(json, '\\') != NULL};

	p->in.val = &val;
	p->in.arg = &p->arg;
	p->in.time = &time;
	if (mr_agg_read(p->type, &p->in, err))
		return -1;
	p->type->add(state(p), &p->in, &p->held);
	return 0;
}

static inline int
pane_add_at(struct pane *p, const char *json, int64_t ms, struct mr_err *err)
{
	return pane_add_time(p, json, (struct mr_time){ms, 0}, err);
}

static inline int
pane_add(struct pane *p, const char *json)
{
	struct mr_err err = MR_ERR_INIT;

	return pane_add_at(p, json, 0, &err);
}

static inline const char *
pane_text(struct pane *p)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_agg_out of = {.arg = &p->arg, .end_ms = 60000};

	p->out.len = 0;
	CHECK(p->type->write(state(p), &of, &p->out, &err) == 0);
	return mr_buf_str(&p->out);
}

static inline void
pane_release(struct pane *p)
{
	if (p->type->release)
		p->type->release(state(p), &p->held);
	CHECK_INT(p->held, 0);
	mr_buf_release(&p->out);
	mr_agg_in_release(&p->in);
}

/* The aggregate of a list of values separated by blanks. */
static inline const char *
aggregate_with(const struct mr_agg_type *type, const char *argument, const char *list)
{
	static char text[8192];
	char *copy = strdup(list), *next = copy, *word;
	struct pane p;

	pane_init_with(&p, type, argument);
	while ((word = strsep(&next, " ")))
		if (*word && pane_add(&p, word))
			unit_fail(__FILE__, __LINE__, word);
	snprintf(text, sizeof text, "%s", pane_text(&p));
	pane_release(&p);
	free(copy);
	return text;
}

static inline const char *
aggregate(const struct mr_agg_type *type, const char *list)
{
	return aggregate_with(type, NULL, list);
}

static inline void
set_decimal(mpq_t q, const char *json)
{
	char *digits = strdup(json), *e = strpbrk(digits, "eE"), *point, *to, *from;
	long scale = 0;
	mpz_t p;

	if (e) {
		scale = -strtol(e + 1, NULL, 10);
		*e = '\0';
	}
	if ((point = strchr(digits, '.')))
		scale += (long)strlen(point + 1);
	for (from = to = digits; *from; from++)
		if (*from != '.')
			*to++ = *from;
	*to = '\0';
	mpz_init(p);
	mpz_ui_pow_ui(p, 10, (unsigned long)labs(scale));
	mpq_set_str(q, digits, 10);
	if (scale < 0)
		mpz_mul(mpq_numref(q), mpq_numref(q), p);
	else
		mpz_set(mpq_denref(q), p);
	mpq_canonicalize(q);
	mpz_clear(p);
	free(digits);
}

/* -1, 0, 1: |a - x| against |b - x| */
static inline int
cmp_distance(double a, double b, const mpq_t x)
{
	mpq_t da, db;
	int cmp;

	mpq_init(da);
	mpq_init(db);
	mpq_set_d(da, a);
	mpq_set_d(db, b);
	mpq_sub(da, da, x);
	mpq_sub(db, db, x);
	mpq_abs(da, da);
	mpq_abs(db, db);
	cmp = mpq_cmp(da, db);
	mpq_clear(da);
	mpq_clear(db);
	return cmp;
}

static inline int
is_even(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return !(bits & 1);
}

/* Nearest, and of two nearest the even one. */
static inline int
is_rounded(double got, const mpq_t want)
{
	double low = nextafter(got, -INFINITY), high = nextafter(got, INFINITY);
	int a = isinf(low) ? -1 : cmp_distance(got, low, want);
	int b = isinf(high) ? -1 : cmp_distance(got, high, want);

	return isfinite(got) && a <= 0 && b <= 0 && ((a < 0 && b < 0) || is_even(got));
}

static inline char *
random_number(char room[80])
{
	static const char *const odd[] = {
		"0", "-0", "0.1", "0.2", "1e30", "-1e30", "1e-30", "9223372036854775807",
		"-9223372036854775808", "170141183460469231731687303715884105727",
		"-170141183460469231731687303715884105728", "99999999999999999999999999999999999999",
		"0.30000000000000000000000000000000000000000000000000001", "1E3", "-1.50", "5e-324",
		"123456789012345678901234567890123456789012345678901234567890", "1e308", "-1e308",
	};
	int n = 0;

	switch (unit_draw(4)) {
	case 0:
		return strcpy(room, odd[unit_draw(sizeof odd / sizeof *odd)]);
	case 1:
		snprintf(room, 80, "%s%d.%02d", unit_draw(2) ? "-" : "", (int)unit_draw(100), (int)unit_draw(100));
		return room;
	case 2:
		snprintf(room, 80, "%lld", (long long)(int64_t)(unit_draw(UINT64_MAX) >> unit_draw(64)));
		return room;
	default:
		n = snprintf(room, 80, "%s%d", unit_draw(2) ? "-" : "", (int)(1 + unit_draw(9)));
		for (uint64_t i = unit_draw(40); i > 0; i--)
			room[n++] = (char)('0' + unit_draw(10));
		if (unit_draw(2)) {
			room[n++] = '.';
			for (uint64_t i = 1 + unit_draw(20); i > 0; i--)
				room[n++] = (char)('0' + unit_draw(10));
		}
		room[n] = '\0';
		if (unit_draw(2))
			snprintf(room + n, 80 - (size_t)n, "e%d", (int)unit_draw(200) - 100);
		return room;
	}
}

#endif

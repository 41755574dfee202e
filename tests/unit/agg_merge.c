/*
 * Every aggregate, merged: however its values are shared out over panes, and
 * in whatever tree those are merged, the bytes are those of one pane.
 */
#include "agg.h"

/* What is fed to it. */
enum diet { NUMBERS, PLAIN_NUMBERS, BOOLEANS, ANYTHING, MANY };

struct kind {
	const struct mr_agg_type *type;
	const char *argument;
	enum diet diet;
	bool ordered; /* ties are broken by arrival */
};

static const struct kind kinds[] = {
	{&mr_agg_all, NULL, BOOLEANS, false},
	{&mr_agg_any, NULL, BOOLEANS, false},
	{&mr_agg_avg, NULL, NUMBERS, false},
	{&mr_agg_collect, NULL, ANYTHING, true},
	{&mr_agg_collect, "1", ANYTHING, true},
	{&mr_agg_collect, "7", ANYTHING, true},
	{&mr_agg_count, NULL, ANYTHING, false},
	{&mr_agg_distinct, NULL, ANYTHING, false},
	{&mr_agg_distinct, NULL, MANY, false},
	{&mr_agg_first, NULL, ANYTHING, true},
	{&mr_agg_last, NULL, ANYTHING, true},
	{&mr_agg_max, NULL, ANYTHING, false},
	{&mr_agg_median, NULL, NUMBERS, false},
	{&mr_agg_min, NULL, ANYTHING, false},
	{&mr_agg_quantile, "0.95", NUMBERS, false},
	{&mr_agg_quantile, "0.333", MANY, false},
	{&mr_agg_rate, "1m", ANYTHING, false},
	{&mr_agg_stddev, NULL, PLAIN_NUMBERS, false},
	{&mr_agg_stddev_pop, NULL, PLAIN_NUMBERS, false},
	{&mr_agg_sum, NULL, NUMBERS, false},
	{&mr_agg_top, "3", ANYTHING, false},
	{&mr_agg_top, "100", MANY, false},
	{&mr_agg_var_pop, NULL, PLAIN_NUMBERS, false},
	{&mr_agg_variance, NULL, PLAIN_NUMBERS, false},
};

static const char *
random_value(enum diet diet, char room[80])
{
	static const char *const odd[] = {"\"a\"", "\"\\u0061\"", "\"2026-11-21T10:00:00Z\"",
	    "\"2026-11-21T12:00:00+02:00\"", "\"2026-11-21T10:00:00.000Z\"", "1.0", "1", "10e-1",
	    "\"a string that is longer than the place a pane has for it\"",
	    "\"a string that is longer than the place a pane has for iT\""};

	switch (diet) {
	case BOOLEANS: return unit_draw(4) ? "true" : "false";
	case MANY:
		snprintf(room, 80, "%d.%d", (int)unit_draw(5000) - 1000, (int)unit_draw(2));
		return room;
	case ANYTHING:
		if (unit_draw(2))
			return odd[unit_draw(sizeof odd / sizeof *odd)];
		break;
	default: break;
	}
	do
		random_number(room);
	while (diet == PLAIN_NUMBERS && fabs(strtod(room, NULL)) > 1e150);
	return room;
}

/* Merge b into a, sometimes by way of an empty one, and forget b. */
static void
join(struct pane *a, struct pane *b)
{
	if (unit_draw(3) == 0) {
		struct pane copy = *a;
		char *before = strdup(pane_text(a));

		memset(copy.words, 0, sizeof copy.words);
		memset(&copy.out, 0, sizeof copy.out);
		memset(&copy.in, 0, sizeof copy.in);
		copy.held = 0;
		copy.type->merge(state(&copy), state(a), &copy.arg, &copy.held);
		CHECK_STR(pane_text(&copy), before);
		CHECK_STR(pane_text(a), before);
		pane_release(a);
		*a = copy;
		free(before);
	}
	a->type->merge(state(a), state(b), &a->arg, &a->held);
	pane_release(b);
}

static void
merge_run(const struct kind *kind, size_t longest)
{
	enum { PARTS = 12 };
	struct mr_err err = MR_ERR_INIT;
	struct pane whole, parts[PARTS];
	size_t n = unit_draw(longest), left = 1 + unit_draw(PARTS);
	char room[80];

	pane_init_with(&whole, kind->type, kind->argument);
	for (size_t i = 0; i < left; i++)
		pane_init_with(&parts[i], kind->type, kind->argument);
	for (size_t i = 0; i < n; i++) {
		const char *value = random_value(kind->diet, room);
		size_t part = kind->ordered ? i * left / n : unit_draw(left);
		/* few, so that they tie */
		struct mr_time time = {(int64_t)unit_draw(4) - 1, (int32_t)unit_draw(3) * 1000};

		CHECK(pane_add_time(&whole, value, time, &err) == 0);
		CHECK(pane_add_time(&parts[part], value, time, &err) == 0);
	}
	while (left > 1) {
		size_t i = unit_draw(left - 1);

		if (!kind->ordered && unit_draw(2)) {
			struct pane swap = parts[i];

			parts[i] = parts[i + 1];
			parts[i + 1] = swap;
		}
		join(&parts[i], &parts[i + 1]);
		memmove(&parts[i + 1], &parts[i + 2], (left - i - 2) * sizeof *parts);
		left--;
	}
	CHECK_STR(pane_text(parts), pane_text(&whole));
	pane_release(&whole);
	pane_release(parts);
}

static void
merges_in_any_tree(void)
{
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (int i = 0; i < 500 && !unit_bad; i++) {
			merge_run(&kinds[k], 40);
			if (unit_bad)
				printf("# %s\n", kinds[k].type->name);
		}
}

/* Past the bounds at which quantile and distinct begin to estimate. */
static void
merges_of_many_values(void)
{
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (int i = 0; i < 40 && !unit_bad; i++) {
			merge_run(&kinds[k], 4000);
			if (unit_bad)
				printf("# %s\n", kinds[k].type->name);
		}
}

/* n different values into `a` and m into `b`, merged, against all in one. */
static void
merge_at(const struct mr_agg_type *type, int n, int m)
{
	struct pane whole, a, b;
	char text[32];

	pane_init_with(&whole, type, "0.5");
	pane_init_with(&a, type, "0.5");
	pane_init_with(&b, type, "0.5");
	for (int i = 0; i < n + m; i++) {
		snprintf(text, sizeof text, "%d", i);
		CHECK(pane_add(&whole, text) == 0);
		CHECK(pane_add(i < n ? &a : &b, text) == 0);
	}
	type->merge(state(&a), state(&b), &a.arg, &a.held);
	CHECK_STR(pane_text(&a), pane_text(&whole));
	CHECK_INT(a.held, whole.held);
	if (n + m <= 1000) {
		snprintf(text, sizeof text, "%g", type == &mr_agg_distinct ? n + m : (n + m - 1) / 2.0);
		CHECK_STR(pane_text(&a), text);
	}
	pane_release(&whole);
	pane_release(&a);
	pane_release(&b);
}

/* On either side of the bound, and exactly at it, before and behind the merge. */
static void
bounds_of_merges(void)
{
	static const int sizes[] = {0, 1, 2, 499, 500, 501, 998, 999, 1000, 1001, 1002, 3000};
	const size_t n = sizeof sizes / sizeof *sizes;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			merge_at(&mr_agg_distinct, sizes[i], sizes[j]);
			if (sizes[i] + sizes[j])
				merge_at(&mr_agg_quantile, sizes[i], sizes[j]);
		}
}

/* 10000 different values are counted; with one more there is no answer, in any order. */
static void
top_has_a_bound(void)
{
	struct mr_agg_out of = {.end_ms = 60000};
	struct mr_err err = MR_ERR_INIT;
	struct pane a, b, c, d;
	char text[32];

	pane_init_with(&a, &mr_agg_top, "1");
	pane_init_with(&b, &mr_agg_top, "1");
	for (int i = 0; i < 12000; i++) {
		snprintf(text, sizeof text, "%d", i % 10000);
		CHECK(pane_add(i < 7000 ? &a : &b, text) == 0);
	}
	mr_agg_top.merge(state(&a), state(&b), &a.arg, &a.held);
	CHECK_STR(pane_text(&a), "[{\"value\":0,\"count\":2}]");
	CHECK(pane_add(&b, "\"one more\"") == 0);
	for (int i = 0; i < 2; i++) {
		pane_init_with(&c, &mr_agg_top, "1");
		mr_agg_top.merge(state(&c), state(i ? &a : &b), &c.arg, &c.held);
		mr_agg_top.merge(state(&c), state(i ? &b : &a), &c.arg, &c.held);
		mr_agg_top.merge(state(&c), state(&a), &c.arg, &c.held);
		of.arg = &c.arg;
		CHECK(mr_agg_top.write(state(&c), &of, &c.out, &err) < 0);
		CHECK_INT(err.status, MR_EX_WORLD);
		CHECK_INT(c.held, 0);
		pane_init_with(&d, &mr_agg_top, "1");
		mr_agg_top.merge(state(&d), state(&c), &d.arg, &d.held);
		CHECK(mr_agg_top.write(state(&d), &of, &d.out, &err) < 0);
		pane_release(&d);
		pane_release(&c);
	}
	pane_release(&a);
	pane_release(&b);
}

int
main(void)
{
	unit_seed(20261121);
	RUN(merges_in_any_tree);
	RUN(merges_of_many_values);
	RUN(bounds_of_merges);
	RUN(top_has_a_bound);
	return unit_done();
}

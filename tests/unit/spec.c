/*
 * --by and --agg: lists with expressions in them.
 */
#include <time.h>

#include "base/buf.h"
#include "unit.h"
#include "window/read.h"

#define ROUNDS 3000

struct by_case {
	const char *list;
	const char *want; /* name=text, separated by new lines */
};

struct agg_case {
	const char *list;
	const char *want; /* name=function(text) where text */
};

static const char *
by_of(const struct mr_spec *spec, struct mr_buf *b)
{
	b->len = 0;
	for (size_t i = 0; i < spec->nby; i++)
		mr_buf_printf(b, "%s%s=%s", i ? "\n" : "", spec->by[i].name,
		    spec->by[i].field.text);
	return mr_buf_str(b);
}

static const char *
agg_of(const struct mr_spec *spec, struct mr_buf *b)
{
	b->len = 0;
	for (size_t i = 0; i < spec->nagg; i++) {
		const struct mr_spec_agg *agg = &spec->agg[i];

		mr_buf_printf(b, "%s%s=%s", i ? "\n" : "", agg->name, agg->type->name);
		if (agg->field.text)
			mr_buf_printf(b, "(%s)", agg->field.text);
		if (agg->where.text)
			mr_buf_printf(b, " where %s", agg->where.text);
	}
	return mr_buf_str(b);
}

static void
by_lists_are_split(void)
{
	static const struct by_case cases[] = {
	    {".a", "a=.a"}, {" .a , x = .b ", "a=.a\nx=.b"},
	    {"x=.a+1,y=.b", "x=.a+1\ny=.b"},
	    {"x=(.a,.b),y=[.a,.b],z={a:1,b:2}", "x=(.a,.b)\ny=[.a,.b]\nz={a:1,b:2}"},
	    {"x=\"a,b\",y=\"\\\",(\"", "x=\"a,b\"\ny=\"\\\",(\""},
	    {"x=\"\\(.a + \",\\(.b),\"),\",y=.b", "x=\"\\(.a + \",\\(.b),\"),\"\ny=.b"},
	    {"x=.a == 1,y=.a!=2", "x=.a == 1\ny=.a!=2"}, {"x=.a|.[\"k,\"]?", "x=.a|.[\"k,\"]?"},
	    {"x=1 == .a", "x=1 == .a"}, {".a[\"b,c\"]", "b,c=.a[\"b,c\"]"},
	    {"x={\"a)\":[1,{b:\"}\"}]},y=.a", "x={\"a)\":[1,{b:\"}\"}]}\ny=.a"},
	    {"x=(def f(a; b): a; f(.a; .b)), .c", "x=(def f(a; b): a; f(.a; .b))\nc=.c"},
	    {"x=if .a then \"y\" else \"n\" end", "x=if .a then \"y\" else \"n\" end"}};
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mr_err err = MR_ERR_INIT;
		struct mr_read r;

		mr_read_init(&r);
		if (mr_spec_add_by(&r.spec, cases[i].list, &err))
			unit_fail(__FILE__, __LINE__, err.text);
		CHECK_STR(by_of(&r.spec, &b), cases[i].want);
		mr_read_release(&r);
	}
	mr_buf_release(&b);
}

static void
agg_lists_are_split(void)
{
	static const struct agg_case cases[] = {
	    {"count", "count=count"}, {"count where .a", "count=count where .a"},
	    {"n=count where .s == \"a, where b\", sum(.x)",
		"n=count where .s == \"a, where b\"\nsum_x=sum(.x)"},
	    {"s=sum(.a + .b)", "s=sum(.a + .b)"},
	    {"s=sum((.a, .b) | select(. > 1))\twhere\t.a==.b,m=min(.z)",
		"s=sum((.a, .b) | select(. > 1)) where .a==.b\nm=min(.z)"},
	    {"sum(.where)", "sum_where=sum(.where)"}, {"where=count", "where=count"},
	    {"n=count where(.a)", "n=count where (.a)"},
	    {"s=sum(.a)where .b", "s=sum(.a) where .b"},
	    {"s=max(\"\\(.a | f(1; \")\"))\" | length) where (.a,.b)", NULL},
	    {"s=max(\"\\(.a | ltrimstr(\")\"))\" | length) where (.a,.b)",
		"s=max(\"\\(.a | ltrimstr(\")\"))\" | length) where (.a,.b)"},
	    {"s=max(reduce .a[] as $i (0; . + $i))", "s=max(reduce .a[] as $i (0; . + $i))"},
	    {"n=count where .a = 1 | .a", "n=count where .a = 1 | .a"},
	    {"n=count where any(.a[]; . == \"where\") and .b",
		"n=count where any(.a[]; . == \"where\") and .b"}};
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mr_err err = MR_ERR_INIT;
		struct mr_read r;
		int rc;

		mr_read_init(&r);
		rc = mr_spec_add_agg(&r.spec, cases[i].list, &err);
		CHECK_INT(rc, cases[i].want ? 0 : -1);
		if (cases[i].want)
			CHECK_STR(agg_of(&r.spec, &b), cases[i].want);
		mr_read_release(&r);
	}
	mr_buf_release(&b);
}

static void
lists_are_refused(void)
{
	static const struct {
		const char *by, *agg, *words;
	} bad[] = {
	    {".a + 1", NULL, "--by: '.a + 1' has no name: write NAME=.a + 1"},
	    {"x=", NULL, "--by: a path is missing"},
	    {"=.a", NULL, "--by: '' is no name: use letters, digits, _ - $"},
	    {"x=zone", NULL, "--by: 'zone' is no path: a path begins with '.'"},
	    {"x=.a +", NULL, "--by: expression '.a +': "}, {"x=(.a", NULL, "--by: expression '(.a': "},
	    {"x=input", NULL, "--by: expression 'input': "}, {"\"x\" == .a", NULL, "--by: '\"x\" == .a' has no name"},
	    {NULL, "sum(.a+.b)", "--agg: 'sum(.a+.b)' has no name: write NAME=sum(.a+.b)"},
	    {NULL, "count where", "--agg: where: a path is missing"},
	    {NULL, "count where .a +", "--agg: where: expression '.a +': "},
	    {NULL, "count where zone", "--agg: where: 'zone' is no path: "},
	    {NULL, "count wherever .a", "--agg: no aggregate 'count wherever .a'"},
	    {NULL, "x=sum(.a; .b)", "--agg: sum: it takes no argument '.b'"}};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mr_err err = MR_ERR_INIT;
		struct mr_read r;

		mr_read_init(&r);
		CHECK(bad[i].by ? mr_spec_add_by(&r.spec, bad[i].by, &err) < 0 :
				  mr_spec_add_agg(&r.spec, bad[i].agg, &err) < 0);
		CHECK_INT(err.status, MR_EX_USAGE);
		if (strncmp(err.text, bad[i].words, strlen(bad[i].words)) != 0)
			CHECK_STR(err.text, bad[i].words);
		mr_read_release(&r);
	}
}

/* Nothing a user types ends in the stack. */
static void
brackets_may_be_deep(void)
{
	enum { DEEP = 100000 };
	struct mr_buf b = MR_BUF_INIT;
	struct mr_err err = MR_ERR_INIT;
	struct mr_read r;

	mr_buf_adds(&b, "x=");
	for (int i = 0; i < DEEP; i++)
		mr_buf_adds(&b, i % 2 ? "(" : "\"\\(");
	mr_read_init(&r);
	CHECK(mr_spec_add_by(&r.spec, mr_buf_str(&b), &err) < 0);
	CHECK_INT(err.status, MR_EX_USAGE);
	mr_read_release(&r);
	mr_buf_release(&b);
}

/* -- random expressions in a list are found again -- */

static void
random_text(struct mr_buf *b, int deep)
{
	static const char *const leaves[] = {".a", ".b", "\"a,b\"", "\" where \"", "\"\\\"\"",
	    "\"(\"", "1", ".[\";]\"]", "{}", "[]"};
	static const char *const around[] = {"[", "]", "(", ")", "{k: (", ")}", "\"x\\(", ")y\"",
	    "any(.[]; ", ")", "(.a, ", ")", "(", " | . where_)", "if ", " then 1 else 2 end"};

	if (deep == 0 || unit_draw(4) == 0) {
		mr_buf_adds(b, leaves[unit_draw(sizeof leaves / sizeof *leaves)]);
	} else if (unit_draw(3) == 0) {
		mr_buf_adds(b, "(");
		random_text(b, deep - 1);
		mr_buf_adds(b, unit_draw(2) ? " == " : ", ");
		random_text(b, deep - 1);
		mr_buf_adds(b, ")");
	} else {
		size_t at = 2 * unit_draw(8);

		if (at == 12) /* a name of ours behind a space is no `where` */
			at = 2;
		mr_buf_adds(b, around[at]);
		random_text(b, deep - 1);
		mr_buf_adds(b, around[at + 1]);
	}
}

static void
random_lists_are_split(void)
{
	struct mr_buf list = MR_BUF_INIT, want = MR_BUF_INIT, one = MR_BUF_INIT, b = MR_BUF_INIT;

	for (int round = 0; round < ROUNDS && !unit_bad; round++) {
		struct mr_err err = MR_ERR_INIT;
		struct mr_read r;

		list.len = want.len = 0;
		for (int i = 0, n = 1 + (int)unit_draw(3); i < n; i++) {
			bool field = unit_draw(2), where = unit_draw(2);

			mr_buf_printf(&list, "%sn%d=%s", i ? ", " : "", i, field ? "max(" : "count");
			mr_buf_printf(&want, "%sn%d=%s", i ? "\n" : "", i, field ? "max(" : "count");
			for (int part = 0; part < 2; part++) {
				if (!(part ? where : field))
					continue;
				one.len = 0;
				random_text(&one, 4);
				mr_buf_printf(&list, "%s%s%s", part ? " where " : "",
				    mr_buf_str(&one), part ? "" : ")");
				mr_buf_printf(&want, "%s%s%s", part ? " where " : "",
				    mr_buf_str(&one), part ? "" : ")");
			}
		}
		mr_read_init(&r);
		if (mr_spec_add_agg(&r.spec, mr_buf_str(&list), &err))
			unit_fail(__FILE__, __LINE__, err.text);
		CHECK_STR(agg_of(&r.spec, &b), mr_buf_str(&want));
		mr_read_release(&r);
	}
	mr_buf_release(&list);
	mr_buf_release(&want);
	mr_buf_release(&one);
	mr_buf_release(&b);
}

/* -- reading -- */

static int
read_event(struct mr_read *r, const char *text, struct mr_err *err)
{
	static char room[512];
	static struct mr_val vals[32];
	struct mr_line line = {.at = room, .len = strlen(text), .end = 1, .file = "f", .no = 1};

	snprintf(room, sizeof room, "%s", text);
	line.vals = vals;
	if (mr_scan_line(r->scan, room, line.len, MR_SCAN_OBJECT, vals, err) < 0)
		return -1;
	return mr_read_event(r, &line, err);
}

static void
events_are_read(void)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_read r;

	mr_read_init(&r);
	CHECK(mr_spec_add_by(&r.spec, "big=.v > 10, .k, u=.k | ascii_upcase", &err) == 0);
	CHECK(mr_spec_add_agg(&r.spec,
		  "count, n=count where .v > 10, s=sum(.v * 2) where .k == \"b\", m=max(.w // empty)",
		  &err) == 0);
	CHECK(mr_read_setup(&r, &err) == 0);
	CHECK(r.spec.thorough); /* a builtin looks into what it is given */

	CHECK(read_event(&r, "{\"at\":4,\"v\":11,\"k\":\"a\"}", &err) == 0);
	CHECK_STR(mr_buf_str(&r.key), "true\n\"a\"\n\"A\"");
	CHECK(r.spec.agg[0].takes && r.spec.agg[1].takes);
	CHECK(!r.spec.agg[2].takes && !r.spec.agg[3].takes);

	CHECK(read_event(&r, "{\"at\":5,\"v\":1.5,\"k\":\"b\",\"w\":false}", &err) == 0);
	CHECK_STR(mr_buf_str(&r.key), "false\n\"b\"\n\"B\"");
	CHECK(r.spec.agg[0].takes && !r.spec.agg[1].takes && r.spec.agg[2].takes);
	CHECK(!r.spec.agg[3].takes);
	CHECK_INT(r.spec.agg[2].in.val->len, 1);

	CHECK(read_event(&r, "{\"v\":1,\"k\":5}", &err) < 0);
	CHECK_INT(err.status, MR_EX_DATA);
	CHECK(strstr(err.text, ".k | ascii_upcase: expression failed: "));
	CHECK(read_event(&r, "{\"at\":1,\"v\":[],\"k\":\"b\"}", &err) < 0);
	CHECK(strstr(err.text, ".v * 2: expression failed: "));
	/* what a condition leaves out is not looked at */
	CHECK(read_event(&r, "{\"at\":1,\"v\":[],\"k\":\"c\"}", &err) == 0);
	mr_read_release(&r);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	RUN(by_lists_are_split);
	RUN(agg_lists_are_split);
	RUN(lists_are_refused);
	RUN(brackets_may_be_deep);
	RUN(random_lists_are_split);
	RUN(events_are_read);
	return unit_done();
}

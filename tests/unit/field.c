/*
 * Fields: paths and programs over scanned lines.  Random events and programs
 * beside the machine, which has no scan, no plan and no trust.
 */
#include <stdarg.h>
#include <time.h>

#include "jq/field.h"
#include "jq/vm/vm.h"
#include "json/str.h"
#include "unit.h"

#define MOST 8
#define ROUNDS 20000

struct world {
	struct mr_scan *scan;
	struct mr_field field[MOST];
	int n;
	struct mr_err err;
};

/* Fields of one scan; the texts end with NULL. */
static bool
make(struct world *w, ...)
{
	const char *text;
	va_list ap;
	bool ok = true;

	*w = (struct world){.scan = mr_scan_new(), .err = MR_ERR_INIT};
	va_start(ap, w);
	while (ok && (text = va_arg(ap, const char *)))
		ok = mr_field_init(&w->field[w->n++], w->scan, text, strlen(text), &w->err) == 0;
	va_end(ap);
	return ok;
}

static void
drop(struct world *w)
{
	for (int i = 0; i < w->n; i++)
		mr_field_release(&w->field[i]);
	mr_scan_free(w->scan);
}

/* A line in memory of its size and the room that may be read behind it. */
static struct mr_line
line_of(struct world *w, const char *text, struct mr_val *vals, char *room, bool trusted)
{
	struct mr_line line = {.at = room, .len = strlen(text), .end = 1, .file = "f", .no = 7};

	memset(room, '!', line.len + MR_SCAN_PAD);
	memcpy(room, text, line.len);
	if (mr_scan_line(w->scan, line.at, line.len, trusted ? MR_SCAN_TRUSTED : 0, vals,
		&w->err) < 0)
		unit_fail(__FILE__, __LINE__, w->err.text);
	line.vals = vals;
	line.trusted = trusted;
	return line;
}

/* The value as text, "missing", or the error. */
static const char *
got(struct world *w, int i, const struct mr_line *line)
{
	static char text[4096];
	const struct mr_val *v;

	if (mr_field_get(&w->field[i], line, &v, &w->err) < 0) {
		CHECK_INT(w->err.status, MR_EX_DATA);
		snprintf(text, sizeof text, "%s", w->err.text);
	} else if (v->type == MR_MISSING) {
		return "missing";
	} else {
		snprintf(text, sizeof text, "%.*s", (int)v->len, v->at);
	}
	return text;
}

static const char event[] =
    "{\"a\":1.50,\"b\":{\"c\":\"x\\u0041\"},\"d\":[1,2],\"n\":null,\"s\":\"2\"}";

static void
test_values(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {{".a", "1.50"}, {" .a ", "1.50"}, {".a + 1", "2.5"},
	    {".b.c", "\"x\\u0041\""}, {".b.c | .", "\"xA\""}, {".b.c + \"z\"", "\"xAz\""},
	    {".b.c.no", "missing"}, {".z", "missing"}, {".z | .", "null"}, {".d[]", "1"},
	    {".d[5:][]", "missing"}, {"empty", "missing"}, {".", event}, {".d[1], .a", "2"},
	    {"[.d[] | . * 2]", "[2,4]"}, {"{x: .a}", "{\"x\":1.50}"}, {"nan", "null"},
	    {".n // \"none\"", "\"none\""}, {"\"fixed\"", "\"fixed\""}, {".s | tonumber", "2"},
	    {"input_line_number", "7"}, {"input_filename", "\"f\""},
	    {".a > 1", "true"}, {"$ENV", "{}"},
	    {"if .a == 1 then .b else .d end", "[1,2]"}, {"reduce .d[] as $x (0; . + $x)", "3"},
	    {".a - .s",
		".a - .s: expression failed: number (1.50) and string (\"2\") cannot be subtracted"},
	    {".a | error", ".a | error: expression failed: 1.50 (not a string)"},
	    {".b[0]", "missing"}, {".b | .[0]",
		".b | .[0]: expression failed: Cannot index object with number (0)"}};
	char room[1024];
	struct mr_val vals[64];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int trusted = 0; trusted < 2; trusted++) {
			struct world w;
			struct mr_line line;

			if (!make(&w, ".d", cases[i].text, ".a", NULL)) {
				unit_fail(__FILE__, __LINE__, w.err.text);
			} else {
				line = line_of(&w, event, vals, room,
				    trusted && !w.field[1].thorough);
				CHECK_STR(got(&w, 1, &line), cases[i].want);
				CHECK_STR(got(&w, 0, &line), "[1,2]");
				CHECK_STR(got(&w, 2, &line), "1.50");
				CHECK_STR(got(&w, 1, &line), cases[i].want);
			}
			drop(&w);
		}
}

/* A string that a program made can be decoded; its mark of escapes is right. */
static void
test_escapes(void)
{
	struct mr_buf b = MR_BUF_INIT;
	const struct mr_val *v;
	struct mr_val vals[8];
	struct mr_line line;
	char room[1024];
	struct world w;

	CHECK(make(&w, ".b.c + \"\\\"\"", ".b.c + \"z\"", NULL));
	line = line_of(&w, event, vals, room, false);
	CHECK_INT(mr_field_get(&w.field[0], &line, &v, &w.err), 0);
	CHECK(v->type == MR_STRING && v->escaped);
	mr_str_decode(v, &b);
	CHECK_STR(mr_buf_str(&b), "xA\"");
	CHECK_INT(mr_field_get(&w.field[1], &line, &v, &w.err), 0);
	CHECK(v->type == MR_STRING && !v->escaped);
	mr_buf_release(&b);
	drop(&w);
}

static void
test_conditions(void)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = {{".a", 1}, {".n", 0}, {".z", 0}, {".a > 1", 1}, {".a > 2", 0}, {"empty", 0},
	    {".n, false, 3", 1}, {".d[] == 2", 1}, {".d[] == 3", 0}, {".a - .s", -1},
	    {".b.c == \"xA\"", 1}, {".s | test(\"^[0-9]$\")", 1}};
	struct mr_val vals[64];
	char room[1024];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mr_line line;
		struct world w;

		CHECK(make(&w, cases[i].text, NULL));
		line = line_of(&w, event, vals, room, false);
		CHECK_INT(mr_field_test(&w.field[0], &line, &w.err), cases[i].want);
		if (cases[i].want < 0)
			CHECK(strncmp(w.err.text, cases[i].text, strlen(cases[i].text)) == 0);
		drop(&w);
	}
}

static void
test_refused(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {{"zone", "'zone' is no path: a path begins with '.'"},
	    {"", "expression '': the expression is empty"}, {".a +", "expression '.a +': "},
	    {".a[", "expression '.a[': "}, {".a)", "expression '.a)': "},
	    {"input", "expression 'input': a field is of one event"},
	    {"[inputs]", "expression '[inputs]': a field is of one event"},
	    {"import \"m\" as m; .a", "expression 'import \"m\" as m; .a': modules"},
	    {"$x", "expression '$x': $x is not defined"}, {"nosuch(1)", "expression 'nosuch(1)': "}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct world w;

		CHECK(!make(&w, cases[i].text, NULL));
		CHECK_INT(w.err.status, MR_EX_USAGE);
		if (strncmp(w.err.text, cases[i].want, strlen(cases[i].want)) != 0)
			CHECK_STR(w.err.text, cases[i].want);
		drop(&w);
	}
}

static void
test_names(void)
{
	struct world w;

	CHECK(make(&w, ".a.b", ".[0]", ".", ".a + 1", ".\"x y\"", NULL));
	CHECK_STR(mr_field_name(&w.field[0], w.scan), "b");
	CHECK(!mr_field_name(&w.field[1], w.scan));
	CHECK(!mr_field_name(&w.field[2], w.scan));
	CHECK(!mr_field_name(&w.field[3], w.scan));
	CHECK_STR(mr_field_name(&w.field[4], w.scan), "x y");
	CHECK(!w.field[0].thorough && !w.field[3].thorough);
	drop(&w);
	CHECK(make(&w, "length", "[.[]]", NULL));
	CHECK(w.field[0].thorough && w.field[1].thorough);
	drop(&w);
}

/* A line that somebody wrongly called valid is refused by a program, never believed. */
static void
test_distrust(void)
{
	struct mr_val vals[8];
	struct mr_line line;
	char room[1024];
	struct world w;

	CHECK(make(&w, ".a + 1", NULL));
	line = line_of(&w, "{\"a\":1.5.5}", vals, room, true);
	CHECK_STR(got(&w, 0, &line),
	    ".a + 1: expression failed: not JSON, in a stream said to be valid");
	drop(&w);
}

/* -- at random -- */

static const char *
pick(const char *const *from)
{
	size_t n = 0;

	while (from[n])
		n++;
	return from[unit_draw(n)];
}

static void
random_program(struct mr_buf *b, int deep)
{
	static const char *const leaves[] = {".a", ".b", ".b.c", ".d[0]", ".d[]", ".d[-1]", ".z",
	    "1", "\"x\"", "null", "empty", ".", ".b?", "(.b.c)?", NULL};
	static const char *const operators[] = {" + ", " == ", " < ", " // ", ", ", " and ", " | ",
	    " - ", " * ", NULL};
	static const char *const around[] = {"[", "]", "(", ")", "select(", ")", "first(", ")",
	    "(", " | tostring)", "try (", ")", "{k: (", ")}", "if ", " then .a else .b end", "(",
	    " | not)", "(", " | length)", NULL};
	size_t at = 2 * unit_draw(10);

	if (deep == 0 || unit_draw(4) == 0) {
		mr_buf_adds(b, pick(leaves));
	} else if (unit_draw(2)) {
		mr_buf_adds(b, "(");
		random_program(b, deep - 1);
		mr_buf_adds(b, pick(operators));
		random_program(b, deep - 1);
		mr_buf_adds(b, ")");
	} else {
		mr_buf_adds(b, around[at]);
		random_program(b, deep - 1);
		mr_buf_adds(b, around[at + 1]);
	}
}

static void
random_event(struct mr_buf *b)
{
	static const char *const values[] = {"1", "-2.50", "\"x\"", "\"y\\u00e9\\n\"", "null",
	    "true", "false", "[]", "[1,\"x\"]", "{\"c\":3}", "{\"c\":null}", "[[2],{}]", NULL};
	static const char *const keys[] = {"a", "b", "d", "e", NULL};
	const char *before = "{";

	for (int i = 0; keys[i]; i++)
		if (unit_draw(5)) {
			mr_buf_printf(b, "%s\"%s\":%s", before, keys[i], pick(values));
			before = ",";
		}
	mr_buf_adds(b, *before == '{' ? "{}" : "}");
}

/* The first output by the machine over the whole event: text, "missing", or "error". */
static void
reference(const char *program, const char *text, struct mr_buf *out, int *truth)
{
	struct mr_err err = MR_ERR_INIT;
	struct mr_jq_run run;
	struct mr_value v;
	struct mr_ast *ast;
	struct mr_code *code;
	struct mr_vm *vm;
	bool foreign, first = true;
	int r;

	mr_jq_run_init(&run);
	ast = mr_ast_parse(program, strlen(program), &foreign, &err);
	code = mr_code_compile(ast, mr_ast_root(ast), NULL, &foreign, &err);
	vm = mr_vm_new(code, &run);
	*truth = 0;
	if (mr_value_parse(text, strlen(text), &v) < 0)
		unit_fail(__FILE__, __LINE__, text);
	mr_vm_start(vm, v);
	while ((r = mr_vm_next(vm, &v)) == 1) {
		if (first)
			mr_value_write(&v, false, out);
		first = false;
		*truth |= mr_value_true(&v);
		mr_value_free(v);
		if (*truth)
			break;
	}
	if (r < 0) {
		mr_value_free(v);
		*truth = -1;
	}
	if (first)
		mr_buf_adds(out, r < 0 ? "error" : "missing");
	mr_vm_free(vm);
	mr_code_free(code);
	mr_ast_free(ast);
	mr_jq_run_release(&run);
}

static void
round_of(struct world *w, const char *program)
{
	struct mr_buf text = MR_BUF_INIT, want = MR_BUF_INIT;
	struct mr_val vals[64];
	struct mr_line line;
	const char *is;
	char room[1024];
	int truth, test;

	for (int i = 0; i < 3; i++) {
		text.len = want.len = 0;
		random_event(&text);
		reference(program, mr_buf_str(&text), &want, &truth);
		line = line_of(w, mr_buf_str(&text), vals, room,
		    !w->field[1].thorough && unit_draw(2));
		is = got(w, 1, &line);
		if (strcmp(mr_buf_str(&want), "error") == 0)
			CHECK(strstr(is, ": expression failed: "));
		else
			CHECK_STR(is, mr_buf_str(&want));
		test = mr_field_test(&w->field[1], &line, &w->err);
		CHECK_INT(test, truth);
		if (unit_bad) {
			printf("# program %s\n# event %s\n", program, mr_buf_str(&text));
			break;
		}
	}
	mr_buf_release(&text);
	mr_buf_release(&want);
}

static void
test_random(void)
{
	struct mr_buf program = MR_BUF_INIT;
	size_t paths = 0;

	for (int i = 0; i < ROUNDS && !unit_bad; i++) {
		struct world w;

		program.len = 0;
		random_program(&program, 4);
		if (!make(&w, ".e", mr_buf_str(&program), ".b.c", NULL))
			unit_fail(__FILE__, __LINE__, w.err.text);
		else if (w.field[1].slot < 0) /* else null and missing differ */
			round_of(&w, mr_buf_str(&program));
		else
			paths++;
		drop(&w);
	}
	printf("# %d programs, %zu of them paths\n", ROUNDS, paths);
	mr_buf_release(&program);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	RUN(test_values);
	RUN(test_escapes);
	RUN(test_conditions);
	RUN(test_refused);
	RUN(test_names);
	RUN(test_distrust);
	RUN(test_random);
	return unit_done();
}

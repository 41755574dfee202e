/*
 * The builtins called directly: "name" with input and arguments as JSON, and
 * what comes out, errors as `! message`.  The expected texts are jq 1.8.2's,
 * but for what is said to differ.
 */
#include "base/buf.h"
#include "jq/fn/fn.h"
#include "jq/lang/ast.h"
#include "unit.h"

static struct mr_jq_run run;
static struct mr_buf shown;

/* Arguments are read from one JSON array: [input, argument...]. */
static const char *
call(const char *name, const char *json)
{
	struct mr_value all, args[5], out = MR_VALUE_NULL;
	const struct mr_jq_fn *f;
	size_t n, len;
	int rc;

	shown.len = 0;
	if (mr_value_parse(json, strlen(json), &all) < 0) {
		mr_value_free(all);
		return "(cannot parse the arguments)";
	}
	n = mr_value_count(&all);
	f = n >= 1 && n <= 5 ? mr_jq_fn(name, (int)n - 1) : NULL;
	for (size_t i = 0; f && i < n; i++)
		args[i] = mr_value_elem(&all, i);
	mr_value_free(all);
	if (!f)
		return "(no such function)";
	rc = f->call(&run, args, &out);
	if (rc < 0)
		mr_buf_adds(&shown, "! ");
	if (rc < 0 && out.type == MR_STRING) {
		struct mr_buf room = MR_BUF_INIT;
		const char *at = mr_value_bytes(&out, &room, &len);

		mr_buf_add(&shown, at, len);
		mr_buf_release(&room);
	} else {
		mr_value_write(&out, false, &shown);
	}
	mr_value_free(out);
	return mr_buf_str(&shown);
}

#include "fn_cases.h"

static void
calls(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = call(cases[i].name, cases[i].args);

		if (strcmp(got, cases[i].want) != 0) {
			printf("# %s %s\n", cases[i].name, cases[i].args);
			CHECK_STR(got, cases[i].want);
		}
	}
}

/* Every name is of one kind alone, and every definition names itself. */
static void
names(void)
{
	const char *name, *text;
	char head[80];
	int arity;
	size_t n = 0;

	for (; (name = mr_jq_builtin_name(n, &arity)); n++) {
		CHECK(arity >= 0 && arity <= 4 && name[0] != '_');
		text = mr_jq_def(name, arity);
		CHECK((text != NULL) != (mr_jq_fn(name, arity) != NULL));
		if (text) {
			snprintf(head, sizeof head, "def %s%c", name, arity ? '(' : ':');
			CHECK(strncmp(text, head, strlen(head)) == 0);
		}
	}
	CHECK(n > 200);
	CHECK(mr_jq_fn("length", 0)->flags == 0 && mr_jq_fn("input", 0)->flags == MR_FN_READS);
	CHECK(mr_jq_fn("input_filename", 0)->flags == MR_FN_PLACE);
	CHECK(mr_jq_fn("stderr", 0)->flags == MR_FN_SPEAKS);
	CHECK(!mr_jq_fn("length", 1) && !mr_jq_fn("nonesuch", 0) && !mr_jq_def("map", 2));
}

/* Every definition is a program of its own, with a call behind it. */
static void
definitions(void)
{
	struct mr_buf program = MR_BUF_INIT;
	struct mr_ast *ast;
	struct mr_err err = MR_ERR_INIT;
	const char *name, *text;
	bool foreign;
	int arity;

	for (size_t n = 0; (name = mr_jq_builtin_name(n, &arity)); n++) {
		if (!(text = mr_jq_def(name, arity)))
			continue;
		program.len = 0;
		mr_buf_printf(&program, "%s %s%s", text, name, arity ? "(." : "");
		for (int i = 1; i < arity; i++)
			mr_buf_adds(&program, "; .");
		mr_buf_adds(&program, arity ? ")" : "");
		ast = mr_ast_parse(program.at, program.len, &foreign, &err);
		if (!ast)
			printf("# %s/%d: %s\n", name, arity, err.text);
		CHECK(ast != NULL);
		mr_ast_free(ast);
	}
	mr_buf_release(&program);
}

/* More patterns than are kept; each stays right. */
static void
patterns(void)
{
	char args[64];

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 100; i++) {
			snprintf(args, sizeof args, "[\"x%dy\", \"x%dy\"]", i, i);
			CHECK_STR(call("test", args), "true");
			snprintf(args, sizeof args, "[\"x%dy\", \"X%dY\", \"i\"]", i, i);
			CHECK_STR(call("test", args), "true");
			snprintf(args, sizeof args, "[\"x%dy\", \"X%dY\"]", i, i);
			CHECK_STR(call("test", args), "false");
		}
}

static int
two_events(void *self, struct mr_value *out)
{
	int *left = self;

	if (*left == 0)
		return 0;
	*out = mr_value_number((*left)--);
	return 1;
}

static void
surroundings(void)
{
	int left = 2;

	CHECK_STR(call("input", "[null]"), "! break");
	run.input = two_events;
	run.input_self = &left;
	CHECK_STR(call("input", "[null]"), "2");
	CHECK_STR(call("input", "[null]"), "1");
	CHECK_STR(call("input", "[null]"), "! break");
	run.input = NULL;
	CHECK_STR(call("input_filename", "[1]"), "null");
	run.file = "a.ndjson";
	run.line_no = 17;
	CHECK_STR(call("input_filename", "[1]"), "\"a.ndjson\"");
	CHECK_STR(call("input_line_number", "[1]"), "17");
	CHECK_STR(call("env", "[1]"), "{}");
	run.env = true;
	CHECK(strstr(call("env", "[1]"), "\"PATH\":"));
	run.env = false;
	CHECK(!run.halted);
	CHECK_STR(call("halt_error", "[null, 300.7]"), "! null");
	CHECK(run.halted && run.halt_status == 44);
	CHECK_STR(call("halt", "[1]"), "! null");
	CHECK(run.halt_status == 0);
	run.halted = false;
	CHECK_STR(call("halt_error", "[1, \"a\"]"), "! number (1) halt_error/1: number required");
	CHECK(!run.halted);
}

int
main(void)
{
	mr_jq_run_init(&run);
	RUN(names);
	RUN(definitions);
	RUN(calls);
	RUN(patterns);
	RUN(surroundings);
	mr_jq_run_release(&run);
	mr_buf_release(&shown);
	return unit_done();
}

/*
 * ours - our engine for the differential run; see ours.h.
 *
 * The line lies in memory of its own and is gone with the run, so that the
 * address sanitizer sees what reads beyond or behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/prog.h"
#include "jq/vm/vm.h"
#include "ours.h"

struct ours {
	struct mr_ast *ast;
	struct mr_code *code;
	struct mr_vm *vm;
	struct mr_jq_run run;
	struct mr_scan *whole, *scan; /* `.` alone; what the plan wants */
	struct mr_plan *plan;         /* NULL: the program has none */
	struct mr_val *vals;
	struct mr_prog_args args;
	struct mr_prog *prog;
	int truth; /* what a condition is, by the machine: 1, 0, -1 it fails */
};

const char *const way_names[WAYS] = {"machine over text", "machine over values", "plan", "program"};

static int
no_input(void *self, struct mr_value *out)
{
	(void)self;
	(void)out;
	return 0;
}

static struct mr_value
args_object(void)
{
	struct mr_value args;

	if (mr_value_parse("{\"positional\":[],\"named\":{}}", 28, &args) < 0)
		abort();
	return args;
}

static bool
compile(struct ours *o, const char *program, bool *left, struct mr_err *err)
{
	struct mr_value vars = mr_value_object(0);
	char why[96];
	int slots;

	*left = false;
	if (!(o->ast = mr_ast_parse(program, strlen(program), left, err)) ||
	    !(o->code = mr_code_compile(o->ast, mr_ast_root(o->ast), &vars, left, err))) {
		mr_value_free(vars);
		return false;
	}
	o->vm = mr_vm_new(o->code, &o->run);
	o->scan = mr_scan_new();
	o->plan = mr_plan_new(mr_ast_root(o->ast), &vars, o->scan, why);
	mr_value_free(vars);
	o->args = (struct mr_prog_args){.named = mr_value_object(0),
	    .positional = mr_value_array(0),
	    .engine = MR_ENGINE_OWN};
	if (!(o->prog = mr_prog_new(program, &o->args, err)))
		return false;
	slots = mr_scan_count(mr_prog_scan(o->prog));
	if (slots < mr_scan_count(o->scan))
		slots = mr_scan_count(o->scan);
	o->vals = mr_xcalloc((size_t)slots + 1, sizeof *o->vals);
	return true;
}

struct ours *
ours_new(const char *program, bool *left, struct mr_buf *why)
{
	struct ours *o = mr_xcalloc(1, sizeof *o);
	struct mr_err err = MR_ERR_INIT;

	mr_jq_run_init(&o->run);
	mr_value_free(o->run.named);
	o->run.named = args_object();
	o->run.input = no_input;
	o->whole = mr_scan_new();
	if (mr_scan_path(o->whole, ".", &err) == 0 && compile(o, program, left, &err))
		return o;
	mr_buf_adds(why, err.text);
	ours_free(o);
	return NULL;
}

void
ours_free(struct ours *o)
{
	if (!o)
		return;
	mr_prog_free(o->prog);
	mr_value_free(o->args.named);
	mr_value_free(o->args.positional);
	if (o->plan)
		mr_plan_free(o->plan);
	if (o->vm)
		mr_vm_free(o->vm);
	mr_code_free(o->code);
	mr_ast_free(o->ast);
	mr_scan_free(o->whole);
	if (o->scan)
		mr_scan_free(o->scan);
	mr_jq_run_release(&o->run);
	free(o->vals);
	free(o);
}

bool
ours_has(const struct ours *o, enum way way)
{
	if (way == WAY_PROG)
		return !mr_prog_reads(o->prog); /* `input` would wait for the next event */
	return way != WAY_PLAN || o->plan;
}

/* One result, as mr_vm_next() and mr_plan_eval() give them; 0 when it was the last. */
static int
add(struct ours *o, int got, struct mr_value out, struct mr_buf *text)
{
	if (got < 0 && o->run.halted) {
		mr_buf_adds(text, "halted\n");
		mr_value_free(out);
		return 0;
	}
	if (got == 0)
		return 0;
	if (got < 0)
		mr_buf_adds(text, "error: ");
	mr_value_write(&out, false, text);
	mr_buf_addc(text, '\n');
	mr_value_free(out);
	return got > 0;
}

static void
run_machine(struct ours *o, struct mr_value input, int most, struct mr_buf *text)
{
	struct mr_value out;
	int n = 0, got;

	o->truth = 0;
	mr_vm_start(o->vm, input);
	do {
		out = MR_VALUE_NONE;
		got = n++ < most ? mr_vm_next(o->vm, &out) : 0;
		if (o->truth == 0)
			o->truth = got < 0 ? -1 : got > 0 && mr_value_true(&out);
	} while (add(o, got, out, text));
}

/* Written and as a value must be the same, and be true when the test says so. */
static bool
run_plan(struct ours *o, const char *at, size_t len, struct mr_buf *text)
{
	struct mr_event event = {at, len, o->vals, 0, NULL, false};
	struct mr_buf written = MR_BUF_INIT;
	struct mr_value out = MR_VALUE_NONE;
	struct mr_err err = MR_ERR_INIT;
	int wrote, got, test;
	bool truth;

	if (mr_scan_line(o->scan, at, len, 0, o->vals, &err) < 0)
		return false;
	wrote = mr_plan_write(o->plan, &o->run, &event, false, &written, &out);
	if (wrote < 0)
		mr_value_free(out);
	out = MR_VALUE_NONE;
	got = mr_plan_eval(o->plan, &o->run, &event, &out);
	truth = got > 0 && mr_value_true(&out);
	add(o, got, out, text);
	if (wrote != got)
		mr_buf_printf(text, "mr_plan_write() returns %d, mr_plan_eval() %d\n", wrote, got);
	else if (got > 0 &&
	    (written.len + 1 != text->len || memcmp(written.at, text->at, written.len) != 0))
		mr_buf_printf(text, "mr_plan_write() writes %s\n", mr_buf_str(&written));
	mr_buf_release(&written);
	out = MR_VALUE_NONE;
	test = mr_plan_test(o->plan, &o->run, &event, &out);
	if (test < 0)
		mr_value_free(out);
	if (test != (got > 0 ? truth : got))
		mr_buf_printf(text, "mr_plan_test() says %d\n", test);
	return true;
}

static void
add_failure(struct mr_buf *text, const struct mr_err *err)
{
	text->len = 0;
	mr_buf_printf(text, "failed: %s\n", err->text);
}

/* A condition on its own, and on a row: the same as the machine found. */
static void
check_tests(struct ours *o, const struct mr_event *event, struct mr_buf *text)
{
	struct mr_scan_row row = {event->at, event->len};
	struct mr_err err = MR_ERR_INIT;
	unsigned char hit = MR_ROW_ALONE;
	int test = mr_prog_test(o->prog, event, &err);

	if (test != o->truth)
		mr_buf_printf(text, "mr_prog_test() says %d\n", test);
	if (mr_prog_test_rows(o->prog, &row, event->vals,
		(size_t)mr_scan_count(mr_prog_scan(o->prog)), 1, &hit) &&
	    hit != MR_ROW_ALONE && hit != o->truth)
		mr_buf_printf(text, "mr_prog_test_rows() says %d\n", hit);
}

/* at[len] is LF and MR_SCAN_PAD bytes are behind it; the machine has run over it before. */
static bool
run_prog(struct ours *o, const char *at, size_t len, int most, struct mr_buf *text)
{
	struct mr_scan *scan = mr_prog_scan(o->prog);
	const struct mr_prog_style style = {false, false, false};
	struct mr_scan_row row = {at, len};
	struct mr_err err = MR_ERR_INIT;
	const char *begin = at;
	struct mr_event event;
	uint64_t lines = 0;
	int r;

	if (mr_scan_rows(scan, &begin, at + len + 1, 0, &row, 1, o->vals) == 0 &&
	    mr_scan_line(scan, at, len, 0, o->vals, &err) < 0)
		return false;
	event = (struct mr_event){row.at, row.len, o->vals, 0, NULL, false};
	r = mr_prog_write(o->prog, &event, &style, text, &lines, &err);
	if (r < 0)
		add_failure(text, &err);
	if (lines > (uint64_t)most) {
		char *end = text->at;

		while (most-- > 0)
			end = strchr(end, '\n') + 1;
		text->len = (size_t)(end - text->at);
	}
	check_tests(o, &event, text);
	return true;
}

bool
ours_run(struct ours *o, enum way way, const char *input, size_t len, int most, struct mr_buf *text)
{
	char *line = mr_xmalloc(len + 1 + MR_SCAN_PAD);
	struct mr_err err = MR_ERR_INIT;
	struct mr_value value;
	struct mr_val val;
	bool ok;

	memcpy(line, input, len);
	line[len] = '\n';
	memset(line + len + 1, '}', MR_SCAN_PAD);
	if (way == WAY_PLAN)
		ok = run_plan(o, line, len, text);
	else if (way == WAY_PROG)
		ok = run_prog(o, line, len, most, text);
	else if ((ok = mr_scan_line(o->whole, line, len, 0, &val, &err) == 0)) {
		value = mr_value_scanned(&val);
		run_machine(o, way == WAY_OWNED ? mr_value_own(value) : value, most, text);
		/* What it holds of the line is let go before the line is. */
		mr_vm_start(o->vm, MR_VALUE_NULL);
	}
	free(line);
	return ok;
}

/*
 * A condition over many events at once, beside the same condition over each
 * alone and over values that were parsed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "jq/plan/plan.h"
#include "jq/vm/vm.h"
#include "unit.h"

static void
number(struct mr_buf *b)
{
	static const char *const odd[] = {"10", "10.0", "-10", "1e1", "100e-1", "10.00000000000000000001", "9007199254740993",
		"9007199254740992", "-0", "0", "0.5", "1e400", "-1e400", "1e401", "1e-400", "0e5", "0.0", "-1e-400", "12345678", "1234567.8", "0.0000001", "9.99999", "10.000001"};
	int n = 1 + (int)unit_draw(9);

	if (unit_draw(3) == 0) {
		mr_buf_adds(b, odd[unit_draw(sizeof odd / sizeof *odd)]);
		return;
	}
	if (unit_draw(4) == 0)
		mr_buf_addc(b, '-');
	mr_buf_addc(b, (char)('1' + unit_draw(9)));
	while (--n > 0)
		mr_buf_addc(b, (char)('0' + unit_draw(10)));
	if (unit_draw(2)) {
		mr_buf_addc(b, '.');
		for (n = 1 + (int)unit_draw(6); n > 0; n--)
			mr_buf_addc(b, (char)('0' + unit_draw(10)));
	}
	if (unit_draw(12) == 0)
		mr_buf_printf(b, "e%d", (int)unit_draw(9) - 4);
}

static const char *const strings[] = {"", "a", "ab", "abc", "completed", "complete", "completes", "exactly14bytes",
	"exactly fifteen", "a string of more than two words", "a string of more than two wordz", "\xc3\xa9t\xc3\xa9", "a\\u0062", "\\u0061", "\x7f"};

static void
value(struct mr_buf *b, int depth)
{
	switch (unit_draw(depth ? 9 : 7)) {
	case 0: mr_buf_adds(b, "null"); break;
	case 1: mr_buf_adds(b, unit_draw(2) ? "true" : "false"); break;
	case 2:
	case 3:
	case 4: number(b); break;
	case 5:
	case 6: mr_buf_printf(b, "\"%s\"", strings[unit_draw(sizeof strings / sizeof *strings)]); break;
	case 7:
		mr_buf_adds(b, "{\"c\":");
		value(b, depth - 1);
		mr_buf_addc(b, '}');
		break;
	default:
		mr_buf_addc(b, '[');
		value(b, depth - 1);
		mr_buf_addc(b, ']');
	}
}

static void
event(struct mr_buf *b)
{
	static const char *const keys[] = {"a", "b", "\\u0061", "d"};
	int n = (int)unit_draw(4);

	if (unit_draw(20) == 0) {
		value(b, 1);
		mr_buf_addc(b, '\n');
		return;
	}
	mr_buf_addc(b, '{');
	for (int i = 0; i <= n; i++) {
		mr_buf_printf(b, "%s\"%s\":", i ? "," : "", keys[unit_draw(4)]);
		value(b, 2);
	}
	mr_buf_adds(b, "}\n");
}

static void
condition(struct mr_buf *b, int depth)
{
	static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
	static const char *const paths[] = {".a", ".b", ".a.c", ".d", ".a[0]"};

	if (depth && unit_draw(3)) {
		mr_buf_addc(b, '(');
		condition(b, depth - 1);
		mr_buf_adds(b, unit_draw(2) ? " and " : " or ");
		condition(b, depth - 1);
		mr_buf_addc(b, ')');
		if (unit_draw(4) == 0)
			mr_buf_adds(b, "|not");
		return;
	}
	if (unit_draw(6) == 0) {
		mr_buf_adds(b, paths[unit_draw(5)]);
	} else if (unit_draw(2)) {
		mr_buf_printf(b, "%s %s \"%s\"", paths[unit_draw(5)], ops[unit_draw(2)], strings[unit_draw(sizeof strings / sizeof *strings)]);
	} else if (unit_draw(2)) {
		mr_buf_printf(b, "%s %s ", paths[unit_draw(5)], ops[unit_draw(6)]);
		number(b);
	} else {
		number(b);
		mr_buf_printf(b, " %s %s", ops[unit_draw(6)], paths[unit_draw(5)]);
	}
}

/* 1, 0, or -1 for an error, by the machine over the parsed event. */
static int
by_machine(struct mr_vm *vm, const struct mr_scan_row *row)
{
	struct mr_value v, out;
	int r;

	CHECK(mr_value_parse(row->at, row->len, &v) == 0);
	mr_vm_start(vm, v);
	if ((r = mr_vm_next(vm, &out)) > 0)
		r = mr_value_true(&out);
	if (r != 0)
		mr_value_free(out);
	return r;
}

static int
alone(const struct mr_plan *plan, struct mr_jq_run *run, const struct mr_scan_row *row, const struct mr_val *vals)
{
	const struct mr_event e = {row->at, row->len, vals, 0, NULL, false};
	struct mr_value out;
	int r = mr_plan_test(plan, run, &e, &out);

	if (r < 0)
		mr_value_free(out);
	return r;
}

static void
compare(const char *program, struct mr_buf *lines, size_t *columnar)
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_value none = mr_value_object(0);
	struct mr_err err = MR_ERR_INIT;
	struct mr_scan_row row[64];
	struct mr_val *vals;
	struct mr_jq_run run;
	unsigned char hit[64];
	bool foreign, known;
	char why[96];
	struct mr_ast *ast = mr_ast_parse(program, strlen(program), &foreign, &err);
	struct mr_plan *plan = ast ? mr_plan_new(mr_ast_root(ast), &none, scan, why) : NULL;
	struct mr_code *code = ast ? mr_code_compile(ast, mr_ast_root(ast), &none, &foreign, &err) : NULL;
	const char *at = lines->at;
	struct mr_vm *vm;
	size_t n, width;

	CHECK(plan && code);
	mr_jq_run_init(&run);
	vm = mr_vm_new(code, &run);
	width = (size_t)mr_scan_count(scan);
	vals = mr_xcalloc(64 * width, sizeof *vals);
	n = mr_scan_rows(scan, &at, lines->at + lines->len, 0, row, 64, vals);
	CHECK(n > 0);
	known = mr_plan_test_rows(plan, row, vals, width, n, hit);
	*columnar += known;
	for (size_t i = 0; i < n; i++) {
		int one = alone(plan, &run, row + i, vals + i * width), parsed = by_machine(vm, row + i);

		if (one != parsed || (known && hit[i] != MR_ROW_ALONE && hit[i] != one)) {
			printf("# %s over %.*s: %d, alone %d, parsed %d\n", program, (int)row[i].len, row[i].at, hit[i], one, parsed);
			CHECK(0);
		}
	}
	free(vals);
	mr_vm_free(vm);
	mr_code_free(code);
	mr_jq_run_release(&run);
	mr_plan_free(plan);
	mr_ast_free(ast);
	mr_scan_free(scan);
	mr_value_free(none);
}

static void
columns(void)
{
	struct mr_buf program = MR_BUF_INIT, lines = MR_BUF_INIT;
	size_t columnar = 0;

	for (int round = 0; round < 3000; round++) {
		program.len = lines.len = 0;
		condition(&program, 2);
		for (int i = 0; i < 40; i++)
			event(&lines);
		mr_buf_grow(&lines, MR_SCAN_PAD);
		compare(mr_buf_str(&program), &lines, &columnar);
	}
	CHECK(columnar > 2000);
	mr_buf_release(&program);
	mr_buf_release(&lines);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	RUN(columns);
	return unit_done();
}

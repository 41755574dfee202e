/*
 * The output of plans as JSON over many events at once, beside the machine's
 * over events that were parsed; and sums of short numbers beside the C
 * library's doubles.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "jq/plan/node.h"
#include "jq/vm/vm.h"
#include "json/num.h"
#include "unit.h"

#define ROWS 40

static const char *
pick(const char *const *of, size_t n)
{
	return of[unit_draw(n)];
}
#define PICK(of) pick(of, sizeof(of) / sizeof *(of))

static void
digits(struct mr_buf *b, size_t n)
{
	while (n-- > 0)
		mr_buf_addc(b, (char)('0' + unit_draw(10)));
}

/* A price most of the time: up to 4 decimals; else something big, tiny or odd. */
static void
number(struct mr_buf *b)
{
	static const char *const odd[] = {"0", "-0", "0.0", "-0.00", "1e3", "1E-7", "1.5e300", "0.00001", "0.0001", "99999999", "9999999.9",
		"999999999999999", "9999999999999999", "0.000000000000001", "123456789012345.6", "-9007199254740993", "1e400", "0.1", "0.2", "0.30", "10.00"};

	if (unit_draw(12) == 0) {
		mr_buf_adds(b, PICK(odd));
		return;
	}
	if (unit_draw(5) == 0)
		mr_buf_addc(b, '-');
	if (unit_draw(4) == 0) {
		mr_buf_addc(b, '0');
	} else {
		mr_buf_addc(b, (char)('1' + unit_draw(9)));
		digits(b, unit_draw(unit_draw(8) ? 4 : 17));
	}
	if (unit_draw(4)) {
		mr_buf_addc(b, '.');
		digits(b, 1 + unit_draw(unit_draw(8) ? 4 : 15));
	}
}

static void
string(struct mr_buf *b)
{
	static const char *const bits[] = {"a", "Lake 11", "", "exactly 30 bytes and two quotes", "one more: 31 bytes and its quotes", "S\xc3\xb6r", "\x7f", "\\n", "\\u00e9", "\\/", "\\\"",
		"a string of more than two words in any vector there is, and a little more"};

	mr_buf_addc(b, '"');
	for (uint64_t n = unit_draw(4); n > 0; n--)
		mr_buf_adds(b, PICK(bits));
	mr_buf_addc(b, '"');
}

static void
value(struct mr_buf *b, int depth)
{
	switch (unit_draw(depth ? 10 : 8)) {
	case 0: mr_buf_adds(b, "null"); break;
	case 1: mr_buf_adds(b, unit_draw(2) ? "true" : "false"); break;
	case 2:
	case 3:
	case 4:
	case 5: number(b); break;
	case 6:
	case 7: string(b); break;
	case 8:
		mr_buf_adds(b, "{\"c\": ");
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
	static const char *const keys[] = {"a", "b", "c", "\\u0061"};
	uint64_t n = unit_draw(5);

	if (unit_draw(20) == 0) {
		value(b, 1);
		mr_buf_addc(b, '\n');
		return;
	}
	mr_buf_addc(b, '{');
	for (uint64_t i = 0; i < n; i++) {
		mr_buf_printf(b, "%s\"%s\":", i ? "," : "", PICK(keys));
		value(b, 2);
	}
	mr_buf_adds(b, "}\n");
}

/* A program of what has steps of its own, and of some that has not. */
static void
expression(struct mr_buf *b, int depth)
{
	static const char *const paths[] = {".a", ".b", ".c", ".a.c", ".b[0]", ".a?", "."};
	static const char *const ops[] = {" + ", " - ", " / ", " // "}; /* a string times a number is long */
	static const char *const texts[] = {"{\"k\\u0001\":", "{k:", "{\"a key that does not fit where keys fit most of the time\":"};
	static const char *const wholes[] = {"{a,b}", "{\"a\\(1)\":.b}", "[.a,(.b|select(.)),3]", "if .a then {b} else [.c] end", "(.a|tostring)", "{}", "[]", "@json \"x\\(.a)\"", "(-.a)", "(.a * 2.5 - .b * 0.01)", "(1 - .c) * .25"};
	uint64_t kind = unit_draw(depth ? 12 : 5);

	switch (kind) {
	case 0:
	case 1:
	case 2: mr_buf_adds(b, PICK(paths)); break;
	case 3: number(b); break;
	case 4: string(b); break;
	case 5: mr_buf_adds(b, PICK(wholes)); break;
	case 6:
		mr_buf_adds(b, "(select(");
		expression(b, 0);
		mr_buf_adds(b, unit_draw(2) ? ") | " : " == \"a\") | ");
		expression(b, depth - 1);
		mr_buf_addc(b, ')');
		break;
	case 7:
		mr_buf_adds(b, "\"\\u00e9 <\\(");
		expression(b, depth - 1);
		mr_buf_adds(b, ")>\\(");
		expression(b, depth - 1);
		mr_buf_adds(b, ")\\t\"");
		break;
	case 8:
	case 9:
		mr_buf_addc(b, '(');
		expression(b, depth - 1);
		mr_buf_adds(b, PICK(ops));
		expression(b, depth - 1);
		mr_buf_addc(b, ')');
		break;
	case 10:
		mr_buf_addc(b, '[');
		expression(b, depth - 1);
		mr_buf_addc(b, ',');
		expression(b, depth - 1);
		mr_buf_addc(b, ']');
		break;
	default:
		mr_buf_adds(b, PICK(texts));
		expression(b, depth - 1);
		mr_buf_adds(b, ", z:(");
		expression(b, depth - 1);
		mr_buf_adds(b, ")}");
	}
}

/* The line that the machine makes of a row, `error` and its value, or nothing. */
static void
by_machine(struct mr_vm *vm, const struct mr_scan_row *row, bool raw, struct mr_buf *b)
{
	struct mr_buf room = MR_BUF_INIT;
	struct mr_value v, out;
	const char *bytes;
	size_t len;
	int r;

	v = (struct mr_value){.type = MR_MISSING};
	CHECK(mr_value_parse(row->at, row->len, &v) == 0);
	mr_vm_start(vm, v);
	if ((r = mr_vm_next(vm, &out)) == 0)
		return;
	mr_buf_adds(b, r < 0 ? "error " : "");
	if (raw && r > 0 && out.type == MR_STRING) {
		bytes = mr_value_bytes(&out, &room, &len);
		mr_buf_add(b, bytes, len);
	} else {
		mr_value_write(&out, false, b);
	}
	mr_buf_addc(b, '\n');
	mr_buf_release(&room);
	mr_value_free(out);
	CHECK(r < 0 || mr_vm_next(vm, &out) == 0);
}

static void
by_rows(const struct mr_plan *plan, struct mr_jq_run *run, const struct mr_event_rows *rows, bool raw, struct mr_buf *b)
{
	struct mr_value out;
	uint64_t lines = 0, bad = 0, found = 0;
	size_t next = 0;

	while (next < rows->n) {
		if (mr_plan_write_rows(plan, run, rows, &next, raw, b, &lines, &out) == 0)
			continue;
		mr_buf_adds(b, "error ");
		mr_value_write(&out, false, b);
		mr_buf_addc(b, '\n');
		mr_value_free(out);
		bad++;
		next++;
	}
	for (size_t i = 0; i < b->len; i++)
		found += b->at[i] == '\n';
	CHECK(raw || found == lines + bad);
}

static bool
compare(const char *program, struct mr_buf *lines)
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_value none = mr_value_object(0);
	struct mr_err err = MR_ERR_INIT;
	struct mr_scan_row row[ROWS];
	struct mr_event_rows rows = {.row = row};
	struct mr_buf got = MR_BUF_INIT, want = MR_BUF_INIT;
	struct mr_val *vals;
	struct mr_jq_run run;
	bool foreign, planned, raw = unit_draw(3) == 0;
	char why[96];
	struct mr_ast *ast = mr_ast_parse(program, strlen(program), &foreign, &err);
	struct mr_plan *plan = ast ? mr_plan_new(mr_ast_root(ast), &none, scan, why) : NULL;
	struct mr_code *code = ast ? mr_code_compile(ast, mr_ast_root(ast), &none, &foreign, &err) : NULL;
	const char *at = lines->at;
	struct mr_vm *vm;

	planned = plan != NULL;
	CHECK(code);
	if (!code)
		printf("# %s: %s\n", program, err.text);
	mr_jq_run_init(&run);
	if (planned && code) {
		vm = mr_vm_new(code, &run);
		rows.width = (size_t)mr_scan_count(scan);
		rows.vals = vals = mr_xcalloc(ROWS * rows.width + 1, sizeof *vals);
		rows.n = mr_scan_rows(scan, &at, lines->at + lines->len, 0, row, ROWS, vals);
		by_rows(plan, &run, &rows, raw, &got);
		for (size_t i = 0; i < rows.n; i++)
			by_machine(vm, row + i, raw, &want);
		if (got.len != want.len || (got.len && memcmp(got.at, want.at, got.len) != 0)) {
			printf("# %s%s\n# got %.*s\n# want %.*s\n", raw ? "-r " : "", program, (int)got.len, got.at, (int)want.len, want.at);
			CHECK(0);
		}
		free(vals);
		mr_vm_free(vm);
	}
	mr_buf_release(&got);
	mr_buf_release(&want);
	mr_code_free(code);
	mr_jq_run_release(&run);
	mr_plan_free(plan);
	mr_ast_free(ast);
	mr_scan_free(scan);
	mr_value_free(none);
	return planned;
}

static void
outputs(void)
{
	struct mr_buf program = MR_BUF_INIT, lines = MR_BUF_INIT;
	size_t planned = 0;

	for (int round = 0; round < 6000 && !unit_bad; round++) {
		program.len = lines.len = 0;
		expression(&program, 3);
		for (int i = 0; i < ROWS; i++)
			event(&lines);
		mr_buf_grow(&lines, MR_SCAN_PAD);
		planned += compare(mr_buf_str(&program), &lines);
	}
	CHECK(planned > 5000);
	mr_buf_release(&program);
	mr_buf_release(&lines);
}

/* How many digits it takes to read x back. */
static int
fewest(double x)
{
	char text[40];

	for (int n = 1; n < 17; n++) {
		snprintf(text, sizeof text, "%.*e", n - 1, x);
		if (strtod(text, NULL) == x)
			return n;
	}
	return 17;
}

static int
significant(const char *at, size_t len)
{
	int n = 0, last = 0;

	for (size_t i = 0; i < len && at[i] != 'e'; i++)
		if (at[i] >= '0' && at[i] <= '9' && (n || at[i] != '0')) {
			n++;
			last = at[i] != '0' ? n : last;
		}
	return last;
}

static double
apply(int op, double x, double y)
{
	return op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : x / y;
}

/* Is the text the one that is right for x? */
static void
check_sum(const char *a, const char *b, int op, const char *text, size_t len, double x, const struct mr_buf *exact)
{
	if (strtod(text, NULL) == x && significant(text, len) == fewest(x) && exact->len == len && memcmp(exact->at, text, len) == 0)
		return;
	CHECK(0);
	printf("# %s %c %s: %.*s, %.17g is %.*s\n", a, op, b, (int)len, text, x, (int)exact->len, exact->at);
}

static void
sums(void)
{
	struct mr_buf a = MR_BUF_INIT, b = MR_BUF_INIT, exact = MR_BUF_INIT;
	struct mr_pnode left = {.op = MR_P_SLOT, .slot = 0}, right = {.op = MR_P_SLOT, .slot = 1};
	struct mr_pnode n = {.op = MR_P_BINOP, .a = &left, .b = &right};
	uint64_t quick = 0, known = 0;
	char room[MR_NUM_ROOM + 1];

	for (int i = 0; i < 500000 && !unit_bad; i++) {
		struct mr_val vals[2];
		const struct mr_event event = {.vals = vals};
		const struct mr_eval e = {.event = &event};
		struct mr_sum sum;
		double x;
		char *end;

		a.len = b.len = exact.len = 0;
		number(&a);
		number(&b);
		mr_buf_grow(&a, MR_SCAN_PAD);
		mr_buf_grow(&b, MR_SCAN_PAD);
		mr_buf_str(&a);
		mr_buf_str(&b);
		vals[0] = (struct mr_val){a.at, a.len, MR_NUMBER, false};
		vals[1] = (struct mr_val){b.at, b.len, MR_NUMBER, false};
		n.cmp = "++-*/"[unit_draw(5)];
		mr_plan_note_sum(&n);
		CHECK(n.sum);
		if (!mr_plan_sum(&e, &n, &sum))
			continue;
		x = apply(n.cmp, strtod(a.at, NULL), strtod(b.at, NULL));
		CHECK(memcmp(&x, &sum.x, sizeof x) == 0);
		if (!(end = mr_sum_put(room, &sum)))
			continue;
		*end = '\0';
		quick++;
		known += sum.known;
		mr_value_write(&(struct mr_value){.type = MR_NUMBER, .u.number = x}, false, &exact);
		check_sum(a.at, b.at, n.cmp, room, (size_t)(end - room), x, &exact);
	}
	CHECK(quick > 300000 && known > 250000);
	mr_buf_release(&a);
	mr_buf_release(&b);
	mr_buf_release(&exact);
}

int
main(void)
{
	unit_seed((uint64_t)time(NULL));
	RUN(sums);
	RUN(outputs);
	return unit_done();
}

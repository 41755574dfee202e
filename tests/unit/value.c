/*
 * Values of jq programs: what operations give, the same for text and for
 * cells; what is written reads back; deep nesting; sharing.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "jq/value/value.h"
#include "json/num.h"
#include "unit.h"
#include "value_cases.h"

#define OP(name) (strcmp(op, name) == 0)

static struct mr_value
parsed(const char *json)
{
	struct mr_value v;

	if (mr_value_parse(json, strlen(json), &v) != 0)
		abort();
	return v;
}

/* A JSON text as the bytes of a line, in memory of exactly its size; free() it. */
static char *
line(const char *json, struct mr_value *v)
{
	struct mr_scan *scan = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	char *copy = malloc(strlen(json) + 1);
	struct mr_val val;

	memcpy(copy, json, strlen(json));
	if (mr_scan_path(scan, ".", &err) < 0 ||
	    mr_scan_line(scan, copy, strlen(json), 0, &val, &err) != 0)
		abort();
	mr_scan_free(scan);
	*v = mr_value_scanned(&val);
	return copy;
}

static char *
written(struct mr_value v, bool sorted)
{
	struct mr_buf out = MR_BUF_INIT;

	mr_value_write(&v, sorted, &out);
	mr_value_free(v);
	return (char *)mr_buf_str(&out);
}

static int
parse_string(struct mr_value v, struct mr_value *out)
{
	struct mr_buf room = MR_BUF_INIT;
	size_t len;
	const char *at = mr_value_bytes(&v, &room, &len);
	int r = mr_value_parse(at, len, out);

	mr_buf_release(&room);
	mr_value_free(v);
	return r;
}

static int
apply(const char *op, struct mr_value *a, struct mr_value *out)
{
	int c;

	if (OP("id"))
		return *out = a[0], 0;
	if (OP("index"))
		return mr_value_index(a[0], a[1], out);
	if (OP("setpath"))
		return mr_value_setpath(a[0], a[1], a[2], out);
	if (OP("getpath"))
		return mr_value_getpath(a[0], a[1], out);
	if (OP("delpaths"))
		return mr_value_delpaths(a[0], a[1], out);
	if (OP("has"))
		return mr_value_has(a[0], a[1], out);
	if (OP("keys"))
		return mr_value_keys(a[0], true, out);
	if (OP("contains"))
		return mr_value_contains(a[0], a[1], out);
	if (OP("length"))
		return mr_value_length(a[0], out);
	if (OP("negate"))
		return mr_value_negate(a[0], out);
	if (OP("sort"))
		return mr_value_sort(a[0], out);
	if (OP("sort_by"))
		return mr_value_sort_by(a[0], a[1], out);
	if (OP("group_by"))
		return mr_value_group_by(a[0], a[1], out);
	if (OP("unique_by"))
		return mr_value_unique_by(a[0], a[1], out);
	if (OP("min_by") || OP("max_by"))
		return mr_value_min_by(a[0], a[1], OP("max_by"), out);
	if (OP("flatten"))
		return mr_value_flatten(a[0], a[1], out);
	if (OP("fromjson"))
		return parse_string(a[0], out);
	if (OP("cmp")) {
		c = mr_value_cmp(&a[0], &a[1]);
		CHECK_INT(mr_value_equal(&a[0], &a[1]), c == 0);
		mr_value_free(a[0]);
		mr_value_free(a[1]);
		return *out = mr_value_number((c > 0) - (c < 0)), 0;
	}
	return mr_value_binop(op[0], a[0], a[1], out);
}

/* forms: bit i set takes argument i from a line. */
static void
check_case(size_t n, unsigned forms, bool own, bool shared)
{
	struct mr_value a[3] = {{0}}, other[3] = {{0}}, out;
	char *lines[3] = {NULL}, *text;
	char room[2000];
	int r;

	for (int i = 0; i < 3 && cases[n].in[i]; i++) {
		if (forms >> i & 1)
			lines[i] = line(cases[n].in[i], &a[i]);
		else
			a[i] = parsed(cases[n].in[i]);
		if (own) {
			a[i] = mr_value_own(a[i]);
			free(lines[i]);
			lines[i] = NULL;
		}
		if (shared)
			other[i] = mr_value_copy(&a[i]);
	}
	r = apply(cases[n].op, a, &out);
	text = written(out, false);
	snprintf(room, sizeof room, "%s%s", r ? "!" : "", text);
	CHECK_STR(room, cases[n].out);
	if (strcmp(room, cases[n].out) != 0)
		printf("#   %s %s, forms %u\n", cases[n].op, cases[n].in[0], forms);
	free(text);
	for (int i = 0; i < 3 && cases[n].in[i]; i++) {
		if (shared && strchr("[{\"", *cases[n].in[i])) { /* nobody changed it */
			struct mr_value was = parsed(cases[n].in[i]);

			CHECK(mr_value_equal(&was, &other[i]));
			mr_value_free(was);
		}
		mr_value_free(other[i]);
		free(lines[i]);
	}
}

static void
operations(void)
{
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++)
		for (unsigned forms = 0; forms < 8; forms++) {
			check_case(n, forms, false, false);
			check_case(n, forms, true, false);
			check_case(n, forms, false, true);
		}
}

static void
shown(void)
{
	static const struct {
		const char *json, *want;
	} shows[] = {
		{"null", "null"}, {"1.50", "1.50"}, {"\"aaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaa\""},
		{"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"aaaaaaaaaaaaaaaaaaaaaaaa...\""},
		{"\"\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\"",
		    "\"\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251\303\251...\""},
		{"[1,2,3,4,5,6,7,8,9,10,11,12,13,14]", "[1,2,3,4,5,6,7,8,9,10,11,...]"},
		{"{\"a\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14]}", "{\"a\":[1,2,3,4,5,6,7,8,9,1...}"},
		{"123456789012345678901234567890", "12345678901234567890123456..."},
	};
	char room[32];

	for (size_t i = 0; i < sizeof shows / sizeof *shows; i++) {
		struct mr_value v = parsed(shows[i].json), text;
		char *copy = line(shows[i].json, &text);

		CHECK_STR(mr_value_show(&v, room), shows[i].want);
		CHECK_STR(mr_value_show(&text, room), shows[i].want);
		mr_value_free(v);
		free(copy);
	}
}

/* `value` inside n arrays, or objects. */
static struct mr_value
nested(size_t n, bool objects)
{
	struct mr_value v = mr_value_number(0), outer;

	while (n-- > 0) {
		if (objects)
			outer = mr_value_set_member(mr_value_object(1), mr_value_string("a", 1), v);
		else
			outer = mr_value_push(mr_value_array(1), v);
		v = outer;
	}
	return v;
}

static void
deep(void)
{
	struct mr_value a, b, out;
	char *text;

	for (int objects = 0; objects < 2; objects++) {
		a = nested(10000, objects);
		b = nested(10000, objects);
		CHECK_INT(mr_value_cmp(&a, &b), 0);
		CHECK_INT(mr_value_same(&a, &b), 1);
		CHECK_INT(mr_value_contains(mr_value_copy(&a), mr_value_copy(&b), &out), 0);
		CHECK_INT(out.type, MR_TRUE);
		if (!objects) {
			text = written(mr_value_copy(&a), false);
			CHECK_INT(mr_value_parse(text, strlen(text), &out), 0);
			CHECK(mr_value_equal(&a, &out));
			mr_value_free(out);
			free(text);
		}
		mr_value_free(a);
		mr_value_free(b);
		a = mr_value_own(nested(1000000, objects));
		b = nested(1000000, objects);
		CHECK_INT(mr_value_cmp(&a, &b), MR_VALUE_DEEP);
		CHECK_INT(mr_value_same(&a, &b), MR_VALUE_DEEP);
		CHECK_INT(mr_value_contains(mr_value_copy(&a), mr_value_copy(&b), &out), -1);
		text = written(out, false);
		CHECK_STR(text, "\"Containment check too deep\"");
		free(text);
		text = written(mr_value_copy(&a), false);
		CHECK(strstr(text, objects ? "{\"a\":<skipped: too deep>}" : "[<skipped: too deep>]"));
		free(text);
		if (objects) {
			CHECK_INT(mr_value_binop('*', mr_value_copy(&a), mr_value_copy(&b), &out), -1);
			mr_value_free(out);
		} else {
			CHECK_INT(mr_value_flatten(mr_value_copy(&a), mr_value_number(1e9), &out), 0);
			mr_value_free(out);
		}
		mr_value_free(a);
		mr_value_free(b);
	}
}

static void
sharing(void)
{
	struct mr_value a = mr_value_array(0), b, v;
	const struct mr_cell *before;
	char *text;

	for (int i = 0; i < 100000; i++) /* in place, or this takes forever */
		a = mr_value_concat(a, mr_value_push(mr_value_array(1), mr_value_number(i)));
	CHECK_INT(mr_value_count(&a), 100000);
	b = mr_value_copy(&a);
	b = mr_value_set_elem(b, 0, MR_VALUE_NULL);
	v = mr_value_elem(&a, 0);
	CHECK(mr_value_double(&v) == 0);
	mr_value_free(b);
	a = mr_value_slice(a, 99999, 100000);
	text = written(a, false);
	CHECK_STR(text, "[99999]");
	free(text);

	a = mr_value_string("", 0);
	for (int i = 0; i < 1000000; i++)
		a = mr_value_append(a, "x", 1);
	b = mr_value_append(mr_value_copy(&a), "y", 1);
	CHECK_INT(mr_value_cmp(&a, &b) < 0, 1);
	mr_value_free(a);
	mr_value_free(b);

	a = parsed("{\"a\":{\"b\":[1]}}");
	b = parsed("[\"a\",\"b\",0]");
	v = mr_value_member(&a, "a", 1);
	before = v.u.cell;
	mr_value_free(v);
	CHECK_INT(mr_value_setpath(a, b, mr_value_number(2), &a), 0);
	v = mr_value_member(&a, "a", 1);
	CHECK(v.u.cell == before);
	mr_value_free(v);
	text = written(a, false);
	CHECK_STR(text, "{\"a\":{\"b\":[2]}}");
	free(text);
}

/* An object against a list of what should be in it. */
static void
members(void)
{
	enum { KEYS = 300 };
	struct mr_value o = mr_value_object(0), v, key;
	int have[KEYS], order[KEYS], n = 0;
	unsigned seed = (unsigned)time(NULL);
	struct mr_value_iter it;
	char name[16];

	printf("# seed %u\n", seed);
	srand(seed);
	memset(have, -1, sizeof have);
	for (int i = 0; i < 20000; i++) {
		int k = rand() % (i < 10000 ? 12 : KEYS), at;
		int len = snprintf(name, sizeof name, "k%d", k);

		if (rand() % 3) {
			o = mr_value_set_member(o, mr_value_string(name, (size_t)len), mr_value_number(i));
			if (have[k] < 0)
				order[n++] = k;
			have[k] = i;
		} else {
			o = mr_value_drop_member(o, name, (size_t)len);
			for (at = 0; at < n && order[at] != k;)
				at++;
			if (at < n) {
				memmove(order + at, order + at + 1, (size_t)(n - at - 1) * sizeof *order);
				n--;
			}
			have[k] = -1;
		}
		if (rand() % 50)
			continue;
		CHECK_INT(mr_value_count(&o), n);
		v = mr_value_member(&o, name, (size_t)len);
		CHECK_INT(v.type == MR_MISSING ? -1 : (int)mr_value_double(&v), have[k]);
		at = 0;
		for (mr_value_iter_init(&it, &o); mr_value_iter_next(&it, &key, &v); at++) {
			size_t size;
			const char *bytes = mr_value_bytes(&key, NULL, &size);

			char want[16];

			CHECK(at < n && snprintf(want, sizeof want, "k%d", order[at]) == (int)size &&
			    memcmp(want, bytes, size) == 0 && mr_value_double(&v) == have[order[at]]);
			mr_value_free(key);
		}
		CHECK_INT(at, n);
	}
	mr_value_free(o);
}

/* A random JSON text, with odd spellings and keys twice. */
static void
random_text(struct mr_buf *out, int depth)
{
	static const char *const scalars[] = {"null", "true", "false", "0", "-0", "1", "1.0", "1.50", "-7", "1e5", "1E+400",
	    "0.1", "123456789012345678901", "9007199254740993", "\"\"", "\"a\"", "\"\\u0061\"", "\"b\"", "\"\\u0000\\n\"", "\"\177\"",
	    "\"\303\251\"", "\"\\u00e9\"", "\"\\/\"", "\"a much longer string, more than a few words\""};
	static const char *const keys[] = {"\"a\"", "\"\\u0061\"", "\"b\"", "\"\"", "\"key\"", "\"\303\251\"", "\"\177\"", "\"k1\"", "\"k2\"",
	    "\"k3\"", "\"k4\"", "\"k5\"", "\"k6\"", "\"a much longer key, of words\""};
	int n = rand() % 5 ? rand() % 4 : rand() % 20, kind = rand() % 3;

	if (depth == 0 || kind == 0) {
		mr_buf_adds(out, scalars[(size_t)rand() % (sizeof scalars / sizeof *scalars)]);
		return;
	}
	mr_buf_addc(out, kind == 1 ? '[' : '{');
	for (int i = 0; i < n; i++) {
		if (i)
			mr_buf_addc(out, ',');
		if (rand() % 4 == 0)
			mr_buf_adds(out, " \t");
		if (kind == 2) {
			mr_buf_adds(out, keys[(size_t)rand() % (sizeof keys / sizeof *keys)]);
			mr_buf_adds(out, rand() % 4 ? ":" : " : ");
		}
		random_text(out, depth - 1);
	}
	if (rand() % 8 == 0)
		mr_buf_addc(out, ' ');
	mr_buf_addc(out, kind == 1 ? ']' : '}');
}

/* Both forms of each operand through an operation: the same result. */
static void
same_result(const char *op, const char *const json[3])
{
	struct mr_value a[3], out;
	char *lines[3], *first, *second;
	int r, r2;

	for (int i = 0; i < 3; i++)
		a[i] = i < 2 || strcmp(op, "setpath") == 0 ? parsed(json[i]) : MR_VALUE_NULL;
	r = apply(op, a, &out);
	first = written(out, false);
	for (int i = 0; i < 3; i++)
		lines[i] = line(json[i], &a[i]);
	r2 = apply(op, a, &out);
	second = written(out, false);
	CHECK_INT(r, r2);
	CHECK_STR(second, first);
	free(first);
	free(second);
	for (int i = 0; i < 3; i++)
		free(lines[i]);
}

static void
random_values(void)
{
	static const char *const ops[] = {"index", "setpath", "getpath", "delpaths", "has", "contains", "cmp", "sort_by", "group_by",
	    "flatten", "+", "-", "*", "/", "%"};
	struct mr_buf texts[3] = {MR_BUF_INIT, MR_BUF_INIT, MR_BUF_INIT};
	struct mr_value v, again, text;
	unsigned seed = (unsigned)time(NULL) ^ 77;
	char *copy, *out, *out2;

	printf("# seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 3000; i++) {
		const char *json[3];

		for (int k = 0; k < 3; k++) {
			texts[k].len = 0;
			random_text(&texts[k], 4);
			json[k] = mr_buf_str(&texts[k]);
		}
		for (int sorted = 0; sorted < 2; sorted++) {
			v = parsed(json[0]);
			out = written(mr_value_copy(&v), sorted);
			again = parsed(out);
			CHECK(mr_value_equal(&v, &again));
			CHECK_INT(mr_value_cmp(&v, &again), 0);
			copy = line(json[0], &text);
			CHECK(mr_value_equal(&text, &v) && mr_value_equal(&v, &text));
			out2 = written(text, sorted);
			CHECK_STR(out2, out);
			free(out2);
			text = mr_value_own(text);
			free(copy);
			out2 = written(text, sorted);
			CHECK_STR(out2, out);
			free(out2);
			free(out);
			mr_value_free(v);
			mr_value_free(again);
		}
		for (size_t k = 0; k < sizeof ops / sizeof *ops; k++)
			if (*ops[k] != '*' || (*json[0] == '{' && *json[1] == '{')) /* not "a" * 1e400 */
				same_result(ops[k], json);
	}
	for (int k = 0; k < 3; k++)
		mr_buf_release(&texts[k]);
}

/* A computed number: shortest, in jq's spelling, and read back. */
static void
doubles(void)
{
	static const struct {
		double x;
		const char *want;
	} spelled[] = {
		{0, "0"}, {-0.0, "-0"}, {3, "3"}, {0.1, "0.1"}, {-1.5, "-1.5"}, {0.0001, "0.0001"}, {0.00001, "1e-05"}, {1e-7, "1e-07"},
		{1e15, "1000000000000000"}, {1e16, "1e+16"}, {1e17, "1e+17"}, {1e18, "1e+18"},
		{1e19, "1e+19"}, {1e300, "1e+300"}, {123456789012345680.0, "123456789012345680"}, {0.30000000000000004, "0.30000000000000004"},
		{INFINITY, "1.7976931348623157e+308"}, {-INFINITY, "-1.7976931348623157e+308"}, {NAN, "null"}, {5e-324, "5e-324"},
		{9007199254740993.0, "9007199254740992"}, {1.5e300, "1.5e+300"}, {4.35, "4.35"}, {2.5e-5, "2.5e-05"},
	};
	struct mr_value v;
	char *text;

	for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
		text = written(mr_value_number(spelled[i].x), false);
		CHECK_STR(text, spelled[i].want);
		free(text);
	}
	for (int i = 0; i < 200000; i++) {
		uint64_t bits = (uint64_t)rand() << 62 ^ (uint64_t)rand() << 31 ^ (uint64_t)rand();
		double x;

		if (i % 2) /* of everyday size */
			bits = (bits & 0x800fffffffffffffu) | (uint64_t)(1000 + rand() % 90) << 52;
		memcpy(&x, &bits, sizeof x);
		if (!isfinite(x))
			continue;
		text = written(mr_value_number(x), false);
		CHECK(strtod(text, NULL) == x && mr_num_double(text, strlen(text)) == x);
		v = parsed(text);
		CHECK(mr_value_double(&v) == x);
		mr_value_free(v);
		free(text);
	}
}

/* The fewest digits that read back, and the closest of these: as many as trying finds. */
static void
shortest(void)
{
	for (int i = 0; i < 300000; i++) {
		uint64_t bits = (uint64_t)rand() << 62 ^ (uint64_t)rand() << 31 ^ (uint64_t)rand();
		char digits[20], text[48], want[48];
		int n, point, fewest = 1;
		double x;

		bits = (bits & 0xfffffffffffffu) | (uint64_t)(1000 + rand() % 80) << 52;
		memcpy(&x, &bits, sizeof x);
		if (i % 4 == 0)
			x = floor(x * 1e6) / 1e6 + 1e-6;
		else if (i % 4 == 1)
			x = (rand() % 1000 + 1) * 0.01;
		else if (i % 400 == 2)
			x = ldexp(1, rand() % 70 - 17);
		n = mr_num_shortest(x, digits, &point);
		snprintf(text, sizeof text, "0.%.*se%d", n, digits, point);
		CHECK(strtod(text, NULL) == x);
		while (snprintf(want, sizeof want, "%.*e", fewest - 1, x), strtod(want, NULL) != x)
			fewest++;
		CHECK(n == fewest || (n < fewest && frexp(x, &point) == 0.5));
		if (n == fewest) { /* the closest: what printf has */
			for (int k = 0, j = 0; k < n; j++)
				if (want[j] != '.')
					CHECK(want[j] == digits[k++]);
		}
	}
}

/* Text that is a number to doubles: as strtod has it up to 17 digits. */
static void
texts_to_doubles(void)
{
	char text[64];

	for (int i = 0; i < 200000; i++) {
		uint64_t digits = (uint64_t)rand() << 31 ^ (uint64_t)rand();
		struct mr_value v = {.type = MR_NUMBER, .form = MR_TEXT, .u.text = text};
		int n;

		while (digits >= 100000000000000000u || (digits > 9 && rand() % 16 == 0))
			digits /= 10;
		n = snprintf(text, sizeof text, "%s%llu", rand() % 2 ? "-" : "", (unsigned long long)digits);
		if (rand() % 2 && digits < 100000000000000u)
			n += snprintf(text + n, sizeof text - (size_t)n, ".%d", rand() % 1000);
		else if (rand() % 2) /* a point among the digits */
			n = snprintf(text, sizeof text, "0.%0*llu", rand() % 20 + 1, (unsigned long long)digits);
		if (rand() % 4 == 0)
			n += snprintf(text + n, sizeof text - (size_t)n, "e%d", rand() % 60 - 30);
		v.len = (uint32_t)n;
		CHECK(mr_value_double(&v) == strtod(text, NULL));
		CHECK(mr_num_double(text, (size_t)n) == strtod(text, NULL));
	}
}

int
main(void)
{
	RUN(operations);
	RUN(shown);
	RUN(deep);
	RUN(sharing);
	RUN(members);
	RUN(random_values);
	RUN(doubles);
	RUN(shortest);
	RUN(texts_to_doubles);
	return unit_done();
}

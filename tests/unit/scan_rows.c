/*
 * Scanning by rows: every kernel of this build beside mr_scan_line(), line by
 * line and slot by slot.  Streams are read from memory of their size and
 * MR_SCAN_PAD, with bytes behind the end that could be taken for more of them.
 */
#include <stdlib.h>
#include <time.h>

#include "json_cases.h"
#include "json_make.h"
#include "json_rows.h"
#include "json_suite.h"
#include "unit.h"

static const char *const wanted[][26] = {
	{".status", ".fare", NULL},
	{".type", ".payload.size", ".payload", NULL},
	{".", NULL},
	{NULL},
	{".a", ".b", ".ab", ".abcdefghi", ".status", NULL},
	{".a", ".a.b", ".b.a", ".a.b.a", ".pickup", ".pickup.lat", ".tags[0]", ".payload.commits[1].sha", NULL},
	{".", ".a", ".b", ".a.b", ".a.a", ".a.b.a", ".a[0]", ".a[-1]", ".a[1].b", ".a[-2][-1]", ".[0]", ".[-1]",
	    ".[0][0]", ".ab", ".abcdefgh", ".abcdefghi", ".status", ".pickup.lat", ".tip", ".tags[-1]", ".fare", NULL},
	{".payload.commits", ".payload.size", ".actor.login", ".status", ".tip", ".\"caf\\u00e9\"", ".id", NULL},
};

#define SETS (sizeof wanted / sizeof *wanted)

static struct mr_scan *
scan_of(size_t set)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;

	for (size_t i = 0; wanted[set][i]; i++)
		if (mr_scan_path(s, wanted[set][i], &err) < 0)
			abort();
	return s;
}

static int complaints;

/* Run a check for each kernel, as a test of its own; one that cannot run here is skipped. */
static void
each_kernel(const char *name, void (*check)(const struct mr_kernel *))
{
	for (size_t i = 0; mr_kernels[i]; i++) {
		const char *lacks = mr_kernels[i]->lacks();

		unit_bad = 0;
		unit_count++;
		if (!lacks)
			check(mr_kernels[i]);
		unit_failed += unit_bad != 0;
		printf("%s %d - %s: %s%s%s\n", unit_bad ? "not ok" : "ok", unit_count, mr_kernels[i]->name, name,
		    lacks ? " # skip " : "", lacks ? lacks : "");
		fflush(stdout);
	}
}

/* Read text[0..len-1] with each combination of flags. */
static void
read_text(const struct mr_kernel *k, const char *text, size_t len, size_t set, uint64_t of)
{
	char *copy = malloc(len + MR_SCAN_PAD);
	static const char behind[] = "\",\"a\":1}\n{\"a\":\"\\\xC3\n";

	if (len)
		memcpy(copy, text, len);
	for (size_t i = 0; i < MR_SCAN_PAD; i++)
		copy[len + i] = behind[(i + of) % (sizeof behind - 1)];
	for (unsigned flags = 0; flags < 4; flags++) {
		struct rows_check c = {k, scan_of(set), scan_of(set), copy, copy + len, flags, of, NULL, 0};
		const char *why = rows_differ(&c);

		if (why) {
			unit_fail(__FILE__, __LINE__, why);
			if (complaints++ < 20)
				printf("#   %s, flags %u, paths %zu, seed %llu, byte %zu: %.*s\n", k->name, flags, set,
				    (unsigned long long)of, (size_t)(c.line - copy), (int)(c.len < 2000 ? c.len : 2000),
				    c.line);
		}
		mr_scan_free((struct mr_scan *)c.exact);
		mr_scan_free(c.scan);
	}
	free(copy);
}

static void
table(const struct mr_kernel *k)
{
	size_t n = sizeof json_cases / sizeof *json_cases;
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < n; i++) {	/* each alone, and all in one stream */
		struct mr_buf one = MR_BUF_INIT;

		mr_buf_add(&one, json_cases[i].at, json_cases[i].len);
		mr_buf_add(&one, "\n", 1);
		read_text(k, one.at, one.len, 4, i);
		for (size_t copies = 0; copies < 3; copies++)
			mr_buf_add(&b, one.at, one.len);
		mr_buf_printf(&b, "{\"a\":1,\"b\":");
		mr_buf_add(&b, json_cases[i].at, json_cases[i].len);
		mr_buf_printf(&b, ",\"c\":[");
		mr_buf_add(&b, json_cases[i].at, json_cases[i].len);
		mr_buf_printf(&b, "]}\n");
		mr_buf_release(&one);
	}
	for (size_t set = 0; set < SETS; set++)
		read_text(k, b.at, b.len, set, set);
	mr_buf_release(&b);
}

/* Numbers of any size are taken; of the other cases left to us, none. */
static bool
suite_verdict(const char *name)
{
	return name[0] == 'y' || strncmp(name, "i_number", 8) == 0;
}

/* How many rows a kernel makes of a text. */
static size_t
count_rows(const struct mr_kernel *k, const struct mr_buf *text)
{
	struct mr_scan *s = scan_of(0);
	struct mr_scan_row rows[8];
	struct mr_val vals[8 * ROWS_SLOTS];
	char *copy = calloc(1, text->len + MR_SCAN_PAD);
	const char *at = copy;
	size_t n;

	memcpy(copy, text->at, text->len);
	n = k->rows(s, &at, at + text->len, 0, rows, 8, vals);
	free(copy);
	mr_scan_free(s);
	return n;
}

/* A case alone, behind other lines, and as a value in lines whose shape is known. */
static void
suite(const struct mr_kernel *k)
{
	static const char known[] = "{\"a\":1,\"b\":[1],\"ab\":2}\n{\"a\":1,\"b\":\"c\",\"ab\":2}\n";
	size_t n = sizeof suite_cases / sizeof *suite_cases;
	struct mr_buf b = MR_BUF_INIT, in = MR_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const struct suite_case *c = &suite_cases[i];
		bool want = suite_verdict(c->name);

		b.len = in.len = 0;
		mr_buf_adds(&b, known);
		for (size_t t = 0; t < c->times; t++)
			mr_buf_add(&b, c->at, c->len);
		mr_buf_add(&b, "\n", 1);
		if (!memchr(c->at, '\n', c->len) && count_rows(k, &b) != (want ? 3 : 2)) {
			unit_fail(__FILE__, __LINE__, "verdict");
			printf("#   %s: %s\n", k->name, c->name);
		}
		mr_buf_adds(&in, known);
		mr_buf_adds(&in, "{\"a\":1,\"b\":");
		mr_buf_add(&in, b.at + sizeof known - 1, b.len - sizeof known);
		mr_buf_adds(&in, ",\"ab\":2}\n");
		read_text(k, b.at, b.len, 4, i);
		read_text(k, in.at, in.len, 4, i);
	}
	CHECK_INT(n, 318);
	mr_buf_release(&b);
	mr_buf_release(&in);
}

static void
suite_by_line(void)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;

	for (size_t i = 0; i < sizeof suite_cases / sizeof *suite_cases; i++) {
		const struct suite_case *c = &suite_cases[i];
		struct mr_buf b = MR_BUF_INIT;

		for (size_t t = 0; t < c->times; t++)
			mr_buf_add(&b, c->at, c->len);
		if ((mr_scan_line(s, mr_buf_str(&b), b.len, 0, NULL, &err) == 0) != suite_verdict(c->name)) {
			unit_fail(__FILE__, __LINE__, "verdict");
			printf("#   %s\n", c->name);
		}
		mr_buf_release(&b);
	}
	mr_scan_free(s);
}

/*
 * Lines with a shape: a kernel has learned it when the odd one comes.  Each
 * kind of line is rides, events or short ones; now and then with other order,
 * a field more or less, spaces, a decoy, another type, a key twice, CR LF.
 */
static const char *const strings[] = {"completed", "", "a", "Caf\xC3\xA9 Noir, SoHo", "say \\\"hi\\\", {ok}", "\\\\",
	"tab\\tnew\\n", "\\u00e9\\uD83D\\uDE00", "\xE6\x97\xA5\xE6\x9C\xAC\xF0\x9F\x98\x80", "\\\"status\\\":", "status", "fare",
	"0123456789012345678901234567890", "01234567890123456789012345678901", "x\\\\\\\"y", "{\\\"a\\\":[1,2]}", "],[", "\\\\\\\\",
	"a long one that goes on for more than one block of sixty-four bytes, and then some; with \xC3\xBC and \\\" in it"};
static const char *const others[] = {"0", "1", "-1", "12.50", "-73.182", "0.5", "-0.0", "1e9", "1.5E-7", "123456789012345",
	"1234567890123456", "12345678901234567890", "true", "false", "null", "[]", "{}", "[1,2,3]", "[\"x\",\"y\"]", "{\"lat\":1.5}",
	"[[],{}]", "{\"b\":{\"a\":7}}", "[{\"b\":1},{\"b\":2}]"};

static void
some_value(struct mr_buf *b, unsigned kind)
{
	if (roll(60) == 0)
		kind = roll(3);
	if (kind == 0)
		mr_buf_printf(b, "\"%s\"", strings[roll(20) ? roll(4) : roll(sizeof strings / sizeof *strings)]);
	else if (kind == 1)
		mr_buf_printf(b, "%u.%02u", roll(100), roll(100));
	else if (kind == 2)
		mr_buf_adds(b, others[roll(sizeof others / sizeof *others)]);
	else
		mr_buf_printf(b, "%u", roll(100000));
}

static void
some_fields(struct mr_buf *b, const char *const *keys, unsigned n, const char *gap)
{
	unsigned skip = roll(8) ? n : roll(n), turn = roll(40) ? 0 : roll(n);
	const char *sep = "";

	mr_buf_adds(b, "{");
	for (unsigned i = 0; i < n; i++) {
		unsigned at = (i + turn) % n;

		if (at == skip)
			continue;
		if (roll(400) == 0)
			at = roll(n);
		mr_buf_printf(b, "%s\"%s\":%s", sep, keys[at], gap);
		sep = *gap ? ", " : ",";
		some_value(b, at % 4);
	}
	mr_buf_adds(b, "}");
}

static void
some_line(struct mr_buf *b, unsigned shape)
{
	static const char *const ride[] = {"ride_id", "fare", "pickup", "pax", "status", "tip", "zone", "driver", "caf\xC3\xA9",
	    "st\\u0061tus", "tags"};
	static const char *const small[] = {"a", "b", "abcdefghi", "ab", "status"};
	static const char *const gaps[] = {"", " ", "", "", "\t", "  "};
	const char *gap = roll(40) ? shape & 4 ? " " : "" : gaps[roll(6)];

	switch (shape & 3) {
	case 0: some_fields(b, ride, roll(30) ? 9 : 11, gap); break;
	case 1: some_fields(b, small, 5, gap); break;
	case 2:
		mr_buf_printf(b, "{\"id\":\"%u\",\"type\":\"%s\",\"actor\":", roll(1000000), strings[roll(4)]);
		some_fields(b, small, 3, gap);
		mr_buf_printf(b, ",\"payload\":{\"push_id\":%u,\"size\":%u,\"commits\":[", roll(10000), roll(9));
		for (unsigned i = 0, n = roll(4); i < n; i++) {
			mr_buf_printf(b, "%s{\"sha\":\"%u%u\",\"author\":", i ? "," : "", roll(1000000), roll(1000000));
			some_fields(b, ride, 4, gap);
			mr_buf_printf(b, ",\"message\":\"%s\",\"distinct\":true}",
			    strings[roll(sizeof strings / sizeof *strings)]);
		}
		mr_buf_printf(b, "]},\"public\":%s}", roll(2) ? "true" : "false");
		break;
	default: make_value(b, 1 + (int)roll(5));
	}
	mr_buf_adds(b, roll(200) ? shape & 8 ? "\r" : "" : " ");
}

static void
some_stream(struct mr_buf *b, bool broken)
{
	unsigned shape = roll(64), lines = 1 + roll(roll(4) ? 40 : 600);

	b->len = 0;
	if (roll(20) == 0)
		mr_buf_adds(b, "\xEF\xBB\xBF");
	for (unsigned i = 0; i < lines; i++) {
		struct mr_buf line = MR_BUF_INIT;

		some_line(&line, roll(100) ? shape : roll(64));
		for (unsigned k = broken ? roll(12) / 10 * (1 + roll(3)) : 0; k > 0 && line.len; k--)
			mutate(&line);
		if (line.len)
			mr_buf_add(b, line.at, line.len);
		if (roll(300) == 0)
			mr_buf_adds(b, "\r\n\n"); /* a blank one */
		else
			mr_buf_add(b, "\n", 1);
		mr_buf_release(&line);
	}
	if (roll(4) == 0)
		b->len--;
}

static void
streams(const struct mr_kernel *k)
{
	struct mr_buf b = MR_BUF_INIT;
	clock_t start = clock();
	int n = 0;

	for (; n < 3000 && clock() - start < CLOCKS_PER_SEC * 3 / 2 && complaints < 20; n++) {
		uint64_t now = seed;

		some_stream(&b, n % 2);
		read_text(k, mr_buf_str(&b), b.len, roll(SETS), now);
	}
	printf("# %s: %d streams\n", k->name, n);
	mr_buf_release(&b);
}

/*
 * Each bad or good group of bytes at each place of a line of a known shape, in
 * a string, a number or between: and so at each place of a block.
 */
static void
everywhere(const struct mr_kernel *k)
{
	static const char *const groups[] = {"\xC3\xA9", "\xC3", "\xA9", "\xE2\x82\xAC", "\xE2\x82", "\xED\xA0\x80", "\xF0\x9F\x98\x80",
	    "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xC0\x80", "\xE0\x80\x80", "\xF0\x80\x80\x80", "\xFF", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80",
	    "\t", "\x01", "\x1F", "\x7F", "\\n", "\\\\", "\\\"", "\\", "\"", "\\u00e9", "\\u00g9", "\\uD83D\\uDE00", "\\uD83D", "\\uDE00",
	    "\\\\uDE00", "\\uD83D\\\\uDE00", "\\uD83Dx\\uDE00", "\\uD83D\\uD83D\\uDE00", "\\x", "\\u12", "\r", ",", "}", "]", "0", "-", ".", "e", "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"};
	static const char line[] = "{\"a\":\"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\",\"b\":12.5,\"ab\":[true,1]}\n";
	struct mr_buf b = MR_BUF_INIT;

	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
		b.len = 0;
		for (size_t place = 0; place < sizeof line - 1; place++) {
			mr_buf_adds(&b, line);
			mr_buf_add(&b, line, place);
			mr_buf_adds(&b, groups[g]);
			mr_buf_adds(&b, line + place);
		}
		read_text(k, b.at, b.len, 4, g);
	}
	mr_buf_release(&b);
}

/* Lines longer than a chunk of the index, nested as deep as may be and deeper, and keys that are data. */
static void
large(const struct mr_kernel *k)
{
	struct mr_buf b = MR_BUF_INIT;

	for (int depth = 250; depth < 260; depth++) {
		mr_buf_adds(&b, "{\"a\":");
		for (int i = 1; i < depth; i++)
			mr_buf_adds(&b, i % 2 ? "[" : "{\"b\":");
		mr_buf_adds(&b, "1");
		for (int i = depth; i-- > 1;)
			mr_buf_adds(&b, i % 2 ? "]" : "}");
		mr_buf_adds(&b, "}\n{\"a\":2,\"b\":[]}\n");
	}
	for (int i = 0; i < 6; i++) {
		mr_buf_printf(&b, "{\"a\":%d,\"b\":[0", i);
		for (int n = 0; n < 20000 * (i % 3); n++)
			mr_buf_printf(&b, ",%d", n);
		mr_buf_adds(&b, "],\"ab\":\"");
		for (int n = 0; n < 50000 * (i / 3); n++)
			mr_buf_adds(&b, "x");
		mr_buf_printf(&b, "\"}\n");
	}
	for (int i = 0; i < 3000; i++)
		mr_buf_printf(&b, "{\"a\":{\"k%d\":%d},\"b\":\"c\"}\n", i, i);
	for (size_t set = 0; set < SETS; set++)
		read_text(k, b.at, b.len, set, 0);
	mr_buf_release(&b);
}

/* What could be taken for a wanted key or value and is none, each line three times. */
static const char *const decoys[] = {
	"{\"a\":{\"b\":1},\"a\":2}", "{\"a\":{\"b\":1},\"a\":{\"c\":1}}", "{\"a\":{\"b\":1},\"a\":[]}", "{\"a\":1,\"a\":{\"b\":1}}",
	"{\"a\":{\"b\":{\"a\":1}},\"b\":{\"a\":2},\"x\":{\"b\":3},\"a\":{\"x\":{\"b\":9}}}",
	"{\"payload\":{\"x\":1},\"other\":{\"size\":5},\"payload2\":{\"size\":6}}", "{\"payload\":[{\"size\":1}]}",
	"{\"other\":{\"size\":5,\"commits\":[{\"sha\":1},{\"sha\":2}]},\"payload\":{\"commits\":[{\"size\":3}]},\"z\":{\"size\":1}}",
	"{\"payload\":{\"commits\":[{\"sha\":1},{\"sha\":2},{\"sha\":3}],\"size\":7},\"size\":8,\"type\":{\"type\":1}}",
	"{\"pickup\":{\"x\":[{\"lat\":1}],\"lat\":2},\"y\":{\"lat\":3}}", "{\"pickup\":{\"lat\":2},\"pickup\":{\"z\":0}}",
	"{\"x\\\"a\":1,\"b\":2}", "{\"x\\\\\\\"status\":1,\"y\\\\\":0,\"a\":2}", "{\"x\\\\\":1,\"status\":2}", "{\"\\\"status\":1}",
	"{\"s\":\"\\\"status\\\":\\\"x\\\"\",\"status\":\"y\"}", "{\"a\":\"{\",\"b\":\"}\",\"status\":{\"a\":1}}", "{\"x\":\"}\",\"a\":1}",
	"{\"a\":\"a\",\"b\":\"status\",\"c\":\"b\"}", "{\"a\" :1,\"b\"\t:2}", "{\"a\": \"x\" ,\"b\":{ } }", "{\"\\u0061\":1}", "{\"\\u0061\" : 1}",
	"{\"st\\u0061tus\":{\"a\":1},\"fare\":2}", "{\"a\":1,\"\\u0061\":{\"b\":2}}", "{\"x\":\"\\u0022\",\"a\":\"\\u007b\",\"b\":1}", "{\"\":1,\"a\":\"\"}",
	"{\"a\":[[1,{\"b\":2}],{\"b\":3}],\"b\":[\"a\",\"b\"]}", "{\"a\":{},\"b\":[],\"status\":[{}]}", "[{\"a\":1}]", "[[1,2],[3]]", "[]", "{}", "1", "\"a\"",
	"{\"a\":-0,\"b\":0.0,\"ab\":-1.5e-3}", "{\"a\":1,\"a\":2,\"a\":3,\"b\":{\"a\":{\"b\":1}}}", "{\"tags\":[1,\"\\\"\",{\"tags\":[2]}],\"a\":[1,[2,3]]}",
};

static void
meaning(const struct mr_kernel *k)
{
	struct mr_buf b = MR_BUF_INIT;

	for (size_t i = 0; i < sizeof decoys / sizeof *decoys; i++)
		for (int times = 0; times < 3; times++)
			mr_buf_printf(&b, "%s\n", decoys[i]);
	for (int pad = 0; pad < 140; pad++)	/* an escaped key at each place of a block */
		mr_buf_printf(&b, "{\"x\":\"%0*d\\\\\",\"\\\"y\\u0061\\\\\":0,\"st\\u0061tus\":1,\"a\":\"\\\"\"}\n", pad + 1, 0);
	for (size_t set = 0; set < SETS; set++)
		read_text(k, b.at, b.len, set, set);
	mr_buf_release(&b);
}

static void
choice(void)
{
	struct mr_err err = MR_ERR_INIT;
	const char *name;

	unsetenv("MILLRACE_SIMD");
	CHECK((name = mr_scan_kernel(&err)) != NULL);
	printf("# the best kernel here: %s\n", name ? name : "none");
	setenv("MILLRACE_SIMD", "plain", 1);
	CHECK_STR(mr_scan_kernel(&err), "plain");
	setenv("MILLRACE_SIMD", "mmx", 1);
	CHECK(mr_scan_kernel(&err) == NULL);
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK_STR(err.text, "cannot use MILLRACE_SIMD 'mmx': this build has no such kernel");
	for (size_t i = 0; mr_kernels[i]; i++) {
		setenv("MILLRACE_SIMD", mr_kernels[i]->name, 1);
		name = mr_scan_kernel(&err);
		CHECK(mr_kernels[i]->lacks() ? !name : name && strcmp(name, mr_kernels[i]->name) == 0);
	}
	unsetenv("MILLRACE_SIMD");
}

int
main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
	printf("# seed %llu\n", (unsigned long long)seed);
	RUN(choice);
	RUN(suite_by_line);
	each_kernel("table of cases", table);
	each_kernel("JSONTestSuite", suite);
	each_kernel("groups of bytes everywhere", everywhere);
	each_kernel("decoys", meaning);
	each_kernel("large lines", large);
	each_kernel("streams beside the exact walker", streams);
	return unit_done();
}

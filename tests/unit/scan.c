/*
 * The scanner: what is JSON, where it is not and why, what paths find, and all
 * of it beside jansson on made-up lines.  Lines are scanned in memory of
 * exactly their size, so that a sanitizer sees a byte read beyond.
 */
#include <stdlib.h>
#include <time.h>

#include "json_cases.h"
#include "json_make.h"
#include "json_oracle.h"
#include "unit.h"

static int
scan_exact(const struct mr_scan *s, const char *at, size_t len, unsigned flags, struct mr_val *vals,
    struct mr_err *err)
{
	char *copy = malloc(len ? len : 1);
	int r;

	memcpy(copy, at, len);
	r = mr_scan_line(s, copy, len, flags, vals, err);
	for (int i = 0; r == 0 && i < mr_scan_count(s); i++)
		if (vals[i].at)
			vals[i].at = at + (vals[i].at - copy);
	free(copy);
	return r;
}

static bool
valid(const char *at, size_t len)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	bool ok = scan_exact(s, at, len, 0, NULL, &err) == 0;

	mr_scan_free(s);
	return ok;
}

static void
cases(void)
{
	struct mr_scan *s = oracle_scan();
	size_t n = sizeof json_cases / sizeof *json_cases;
	const char *why;

	for (size_t i = 0; i < n; i++) {
		const struct json_case *c = &json_cases[i];

		if (valid(c->at, c->len) != (c->verdict == 'y')) {
			unit_fail(__FILE__, __LINE__, "verdict");
			printf("#   %c '%.*s'\n", c->verdict, (int)c->len, c->at);
		}
		if ((why = oracle(s, c->at, c->len))) {
			unit_fail(__FILE__, __LINE__, "oracle");
			printf("#   %s: '%.*s'\n", why, (int)c->len, c->at);
		}
	}
	CHECK(n >= 250);
	mr_scan_free(s);
}

/* Each kind of byte at each place of a word of eight, the line ending soon or late behind it. */
static void
every_byte_everywhere(void)
{
	char line[64];

	for (int b = 0; b < 256; b++)
		for (size_t before = 0; before < 10; before++)
			for (size_t after = 0; after < 18; after++) {
				size_t len = 1 + before + 1 + after + 1;
				bool want = b >= 0x20 && b < 0x80 && b != '"' && b != '\\';

				memset(line, 'b', sizeof line);	/* so that \b is an escape */
				line[0] = line[len - 1] = '"';
				line[1 + before] = (char)b;
				if (b == '\\' && after > 0)
					want = true;
				if (valid(line, len) != want)
					CHECK_INT(b, -1);
			}
}

static bool
reference_utf8(const unsigned char *p, size_t n)
{
	static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned long c;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = p[i] < 0x80 ? 1 : p[i] < 0xc0 ? 9 : p[i] < 0xe0 ? 2 : p[i] < 0xf0 ? 3 :
		    p[i] < 0xf8 ? 4 : 9;
		if (len > n - i)
			return false;
		c = len == 1 ? p[i] : p[i] & (0xffu >> (len + 1));
		for (size_t k = 1; k < len; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[i + k] & 0x3f);
		}
		if (len > 1 && (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)))
			return false;
	}
	return true;
}

static void
utf8_pairs_and_more(void)
{
	static const unsigned char some[] = {0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
	    0xc2, 0xe0, 0xf0, 0xff};
	unsigned char line[8] = "\"";
	size_t n = sizeof some;
	int bad = 0;

	for (unsigned pair = 0; pair < 65536; pair++) {
		line[1] = (unsigned char)(pair >> 8);
		line[2] = (unsigned char)pair;
		line[3] = '"';
		if (line[1] >= 0x80 && line[2] != '"' && line[2] != '\\' && line[2] >= 0x20)
			bad += valid((char *)line, 4) != reference_utf8(line + 1, 2);
		bad += mr_utf8_ok((char *)line + 1, 2) != reference_utf8(line + 1, 2);
	}
	for (int lead = 0xc0; lead < 256; lead++)
		for (size_t i = 0; i < n * n * n; i++) {
			unsigned char four[4] = {(unsigned char)lead, some[i % n], some[i / n % n],
			    some[i / n / n]};

			for (size_t len = 3; len <= 4; len++) {
				memcpy(line + 1, four, 4);
				line[1 + len] = '"';
				bad += valid((char *)line, len + 2) != reference_utf8(four, len);
				bad += mr_utf8_ok((char *)four, len) != reference_utf8(four, len);
			}
		}
	CHECK_INT(bad, 0);
}

static void
every_escape_of_a_unit(void)
{
	char line[32];
	int bad = 0;

	for (int unit = 0; unit < 65536; unit++) {
		bool surrogate = unit >= 0xd800 && unit < 0xe000, high = unit < 0xdc00;

		snprintf(line, sizeof line, "\"\\u%04x\"", unit);
		bad += valid(line, 8) == surrogate;
		snprintf(line, sizeof line, "\"\\u%04X\\udc00\"", unit);
		bad += valid(line, 14) != (surrogate && high);
	}
	CHECK_INT(bad, 0);
}

static void
depth(void)
{
	static const char *const open[] = {"[", "{\"a\":"};
	static const char *const close[] = {"]", "}"};
	struct mr_err err = MR_ERR_INIT;
	struct mr_scan *s = mr_scan_new();

	for (int kind = 0; kind < 3; kind++)	/* arrays, objects, in turn */
		for (int levels = 255; levels <= 257; levels++) {
			struct mr_buf b = MR_BUF_INIT;

			for (int i = 0; i < levels; i++)
				mr_buf_adds(&b, open[kind == 2 ? i % 2 : kind]);
			mr_buf_adds(&b, "1");
			for (int i = levels; i-- > 0;)
				mr_buf_adds(&b, close[kind == 2 ? i % 2 : kind]);
			CHECK_INT(scan_exact(s, b.at, b.len, 0, NULL, &err), levels > 256 ? -1 : 0);
			if (levels > 256)
				CHECK(strstr(err.text, "nested deeper than 256 at byte "));
			mr_buf_release(&b);
		}
	mr_scan_free(s);
}

/* A path with as many steps from the end as there are levels: the second walk is bounded too. */
static void
depth_from_the_end(void)
{
	struct mr_buf path = MR_BUF_INIT, line = MR_BUF_INIT;
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_val v;

	mr_buf_adds(&path, ".");
	for (int i = 0; i < 256; i++) {
		mr_buf_adds(&path, "[-1]");
		mr_buf_adds(&line, "[0,");
	}
	mr_buf_adds(&line, "7");
	for (int i = 0; i < 256; i++)
		mr_buf_adds(&line, "]");
	CHECK_INT(mr_scan_path(s, mr_buf_str(&path), &err), 0);
	CHECK_INT(scan_exact(s, line.at, line.len, 0, &v, &err), 0);
	CHECK(v.type == MR_NUMBER && v.len == 1 && *v.at == '7');
	mr_buf_release(&path);
	mr_buf_release(&line);
	mr_scan_free(s);
}

static const struct {
	const char *line, *why;
} refusals[] = {
	{"", "unexpected end at byte 1"},
	{"{\"a\":1,\"b\":2,,}", "unexpected ',' at byte 14"},
	{"{\"ride\":1,\"x\":}", "unexpected '}' at byte 15"},
	{"{} {", "unexpected '{' at byte 4"},
	{"[1,2", "unexpected end at byte 5"},
	{"{\"a\":nil}", "unexpected 'nil' at byte 6"},
	{"{\"a\":'b'}", "unexpected single quote at byte 6"},
	{"{\"a\":NaN}", "unexpected 'NaN' at byte 6"},
	{"{\"a\":\"b}", "unterminated string at byte 6"},
	{"{\"a\":\"b\\", "unterminated string at byte 6"},
	{"{\"a\":\"b\\q\"}", "malformed escape at byte 8"},
	{"{\"a\":\"\\ud800x\"}", "lone surrogate at byte 7"},
	{"{\"a\":\"x\ty\"}", "unescaped control byte 0x09 at byte 8"},
	{"{\"a\":\"x\xE9y\"}", "invalid UTF-8 at byte 8"},
	{"{\"a\":01}", "number with a leading zero at byte 6"},
	{"{\"a\":1.}", "unexpected '}' at byte 8"},
	{"{\"a\":-x}", "unexpected 'x' at byte 7"},
	{"\xEF\xBB\xBF{}", "unexpected byte 0xef at byte 1"},
	{"oops", "unexpected 'oops' at byte 1"},
};

static void
error_texts(void)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	static const char *const others[] = {"[]", "1", " \"{}\"", "null", "true"};
	char want[128];

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		CHECK_INT(scan_exact(s, refusals[i].line, strlen(refusals[i].line), 0, NULL, &err), -1);
		snprintf(want, sizeof want, "cannot parse record: %s", refusals[i].why);
		CHECK_STR(err.text, want);
		CHECK_INT(err.status, MR_EX_DATA);
	}
	CHECK_INT(scan_exact(s, "{\0}", 3, 0, NULL, &err), -1);
	CHECK_STR(err.text, "cannot parse record: unexpected byte 0x00 at byte 2");
	CHECK_INT(scan_exact(s, " {} ", 4, MR_SCAN_OBJECT, NULL, &err), 0);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		CHECK_INT(scan_exact(s, others[i], strlen(others[i]), MR_SCAN_OBJECT, NULL, &err), -1);
		CHECK_STR(err.text, "cannot parse record: not an object");
	}
	mr_scan_free(s);
}

static const struct {
	const char *path, *line, *want;		/* want NULL: missing */
} lookups[] = {
	{".", " [1] ", "[1]"}, {".", "7", "7"}, {".?", "\"x\"", "\"x\""},
	{".a", "{\"a\":1}", "1"}, {".a", "{\"b\":1}", NULL}, {".a", "[1]", NULL}, {".a", "\"a\"", NULL},
	{".a", "{\"a\":null}", "null"}, {".a", "{\"a\":1,\"a\":[2]}", "[2]"}, {".a", "{\"b\":{\"a\":1}}", NULL},
	{".a", "{ \"a\" : { } , \"b\":0}", "{ }"}, {".a", "{\"a\":\"\\\"\"}", "\"\\\"\""},
	{".a", "{\"\\u0061\":1}", "1"}, {".a", "{\"a\":1,\"\\u0061\":2}", "2"}, {".a", "{\"\\u0061\":2,\"a\":1}", "1"},
	{".a", "{\"a\\u0000\":1}", NULL}, {".a", "{\"ab\":1,\"\":2}", NULL}, {".a", "{\"A\":1}", NULL},
	{".status", "{\"st\\u0061tus\":\"ok\"}", "\"ok\""}, {".status", "{\"statu\":1,\"statusx\":2,\"Status\":3}", NULL},
	{".abcdefghij", "{\"abcdefghix\":1,\"abcdefghij\":2}", "2"}, {".abcdefgh", "{\"abcdefgh\":2}", "2"},
	{".abcdefgh", "{\"abcdefgx\":2}", NULL}, {".abcdefghi", "{\"abcdefgh\":2}", NULL},
	{".a.b", "{\"a\":{\"b\":2}}", "2"}, {".a.b", "{\"a\":{\"b\":2},\"a\":{}}", NULL},
	{".a.b", "{\"a\":{\"b\":2},\"a\":3}", NULL}, {".a.b", "{\"a\":{\"b\":2},\"a\":\"b\"}", NULL},
	{".a.b", "{\"a\":{\"b\":2},\"a\":{\"b\":4,\"b\":5}}", "5"}, {".a.b", "{\"a\":{\"b\":2},\"b\":9}", "2"},
	{".a.b", "{\"a\":[{\"b\":2}]}", NULL}, {".a.b", "{\"a.b\":2}", NULL}, {".a.b", "{\"a\":{\"b\":2},\"\\u0061\":null}", NULL},
	{".a[0]", "{\"a\":[7,8]}", "7"}, {".a[1]", "{\"a\":[7,8]}", "8"}, {".a[2]", "{\"a\":[7,8]}", NULL},
	{".a[0]", "{\"a\":{\"0\":1}}", NULL}, {".a[0]", "{\"a\":[]}", NULL}, {".a[-1]", "{\"a\":[]}", NULL},
	{".a[-1]", "{\"a\":[7,8]}", "8"}, {".a[-2]", "{\"a\":[7,8]}", "7"}, {".a[-3]", "{\"a\":[7,8]}", NULL},
	{".a[-1]", "{\"a\":[ 7 , [ 8 ] ]}", "[ 8 ]"}, {".a[-1]", "{\"a\":[1],\"a\":2}", NULL}, {".a[-1]", "{\"a\":[1],\"a\":[]}", NULL},
	{".a[-1].b", "{\"a\":[{\"b\":1},{\"b\":2}]}", "2"}, {".a[-1].b", "{\"a\":[{\"b\":1},{\"c\":2}]}", NULL},
	{".a[-1][-1]", "{\"a\":[[1,2],[3,\"]\"]]}", "\"]\""}, {".a[-1].b", "{\"a\":[{\"b\":1},{\"b\":2,\"b\":3}]}", "3"},
	{".[0]", "[1]", "1"}, {".[0].a", "[{\"a\":1}]", "1"}, {".[-1].a[-1]", "[0,{\"a\":[1,{}]}]", "{}"},
	{".[99999999999999999999999]", "[1]", NULL}, {".[-99999999999999999999999]", "[1]", NULL}, {".[-0]", "[5]", "5"},
	{".\"x y\"", "{\"x y\":1}", "1"}, {".[\"x y\"]", "{\"x y\":1}", "1"}, {".\"\"", "{\"\":1}", "1"},
	{".\"\\u0061\"", "{\"a\":1}", "1"}, {".\"\xC3\xA9\"", "{\"\\u00e9\":1}", "1"}, {".\"a\\\"b\"", "{\"a\\\"b\":1}", "1"},
	{".a?.b?", "{\"a\":{\"b\":2}}", "2"}, {".a[ -1 ]?", "{\"a\":[2]}", "2"}, {".a.[0]", "{\"a\":[2]}", "2"},
	{".a[\"b\"].\"c\"", "{\"a\":{\"b\":{\"c\":3}}}", "3"}, {" .a ", "{\"a\":1}", "1"}, {".a??", "{\"a\":1}", "1"},
	{".\"[\"", "{\"[\":1}", "1"}, {".[\"]\"]", "{\"]\":1}", "1"}, {".and", "{\"and\":1}", "1"}, {"._0", "{\"_0\":1}", "1"},
};

static void
path_meaning(void)
{
	for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
		struct mr_scan *s = mr_scan_new();
		struct mr_err err = MR_ERR_INIT;
		struct mr_val v = {0};
		char got[128] = "missing";

		CHECK_INT(mr_scan_path(s, lookups[i].path, &err), 0);
		for (unsigned flags = 0; flags <= MR_SCAN_TRUSTED; flags += MR_SCAN_TRUSTED) {
			const char *line = lookups[i].line;

			CHECK_INT(scan_exact(s, line, strlen(line), flags, &v, &err), 0);
			if (v.at)
				snprintf(got, sizeof got, "%.*s", (int)v.len, v.at);
			CHECK((v.type == MR_MISSING) == (v.at == NULL));
			CHECK_STR(got, lookups[i].want ? lookups[i].want : "missing");
		}
		mr_scan_free(s);
	}
}

static void
wrong_paths(void)
{
	static const char *const wrong[][2] = {
	    {"", "path '': expected '.' at character 1"}, {"a", "path 'a': expected '.' at character 1"},
	    {"..", "path '..': unexpected '.' at character 2"}, {".a.", "path '.a.': unexpected end at character 4"},
	    {".a-b", "path '.a-b': unexpected '-' at character 3"}, {".1", "path '.1': unexpected '1' at character 2"},
	    {".a[", "path '.a[': unexpected end at character 4"}, {".a[1", "path '.a[1': unexpected end at character 5"},
	    {".[]", "path '.[]': an index or a key in quotes is missing at character 3"},
	    {".[1.5]", "path '.[1.5]': unexpected '.' at character 4"}, {".[-]", "path '.[-]': unexpected ']' at character 4"},
	    {".[1:2]", "path '.[1:2]': unexpected ':' at character 4"}, {".[a]", "path '.[a]': unexpected 'a' at character 3"},
	    {".\"a", "path '.\"a': unterminated key at character 2"}, {".\"\\x\"", "path '.\"\\x\"': malformed key at character 2"},
	    {".\"\\u0000\"", "path '.\"\\u0000\"': a key with a NUL at character 2"}, {".a b", "path '.a b': unexpected 'b' at character 4"},
	    {".a|.b", "path '.a|.b': unexpected '|' at character 3"}, {"?", "path '?': expected '.' at character 1"},
	    {".\"\xE9\"", "path '.\"\xE9\"': malformed key at character 2"}, {".\xC3\xA9", "path '.\xC3\xA9': unexpected character at character 2"},
	    {". .a", "path '. .a': unexpected '.' at character 3"}, {".a..b", "path '.a..b': unexpected '.' at character 4"},
	};
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		CHECK_INT(mr_scan_path(s, wrong[i][0], &err), -1);
		CHECK_INT(err.status, MR_EX_USAGE);
		CHECK_STR(err.text, wrong[i][1]);
	}
	CHECK_INT(mr_scan_count(s), 0);
	mr_scan_free(s);
}

/* Many paths at once, also of keys of one length: each finds its own and no other. */
static void
many_paths(void)
{
	struct mr_scan *s = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf line = MR_BUF_INIT;
	struct mr_val vals[304];
	char path[32], want[16];

	CHECK_INT(mr_scan_path(s, ".p.q", &err), 0);
	CHECK_INT(mr_scan_path(s, ".[\"p\"]?.q", &err), 0);
	CHECK_INT(mr_scan_path(s, ".p", &err), 1);
	CHECK_INT(mr_scan_path(s, ".p[3]", &err), 2);
	CHECK_INT(mr_scan_path(s, ".", &err), 3);
	CHECK(!mr_scan_name(s, 3) && !mr_scan_name(s, 2));
	CHECK_STR(mr_scan_name(s, 0), "q");
	mr_buf_adds(&line, "{\"p\":{\"q\":[]}");
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof path, ".column_%d", i * 7);
		CHECK_INT(mr_scan_path(s, path, &err), i + 4);
		CHECK_INT(mr_scan_path(s, path, &err), i + 4);
		CHECK_STR(mr_scan_name(s, i + 4), path + 1);
		mr_buf_printf(&line, ",\"%s\":%d", path + 1, i);
	}
	mr_buf_adds(&line, "}");
	CHECK_INT(scan_exact(s, line.at, line.len, 0, vals, &err), 0);
	for (int i = 0; i < 300; i++) {
		snprintf(want, sizeof want, "%d", i);
		CHECK(vals[i + 4].len == strlen(want) && memcmp(vals[i + 4].at, want, vals[i + 4].len) == 0);
	}
	CHECK(vals[0].type == MR_ARRAY && vals[1].type == MR_OBJECT && vals[2].type == MR_MISSING);
	CHECK(vals[3].len == line.len);
	mr_buf_release(&line);
	mr_scan_free(s);
}

/* Keys of 63 bytes and longer share a group: lengths on either side, each beginning as the others. */
static void
long_keys(void)
{
	char key[128], path[160];
	struct mr_val vals[80];
	struct mr_err err = MR_ERR_INIT;
	struct mr_buf line = MR_BUF_INIT;
	struct mr_scan *s = mr_scan_new();

	memset(key, 'k', sizeof key);
	mr_buf_adds(&line, "{");
	for (int len = 50; len < 110; len++) {
		mr_buf_printf(&line, "%s\"%.*s\":%d", len > 50 ? "," : "", len, key, len);
		if (len % 2)
			continue;
		snprintf(path, sizeof path, ".%.*s", len, key);
		CHECK_INT(mr_scan_path(s, path, &err), (len - 50) / 2);
	}
	mr_buf_adds(&line, "}");
	CHECK_INT(scan_exact(s, line.at, line.len, 0, vals, &err), 0);
	for (int i = 0; i < mr_scan_count(s); i++)
		CHECK_INT(vals[i].at ? atoi(vals[i].at) : -1, 50 + 2 * i);
	mr_buf_release(&line);
	mr_scan_free(s);
}

/* No prefix of an object is valid, and none is read beyond. */
static void
prefixes(void)
{
	static const char line[] = "{\"ride_id\":\"00ab\\u00e9\",\"ts\":\"2026-03-02T00:00:00.000Z\",\"vendor\":"
	    "\"W\xC3\xBCrfelfunk\xF0\x9F\x98\x80\",\"a\":[{\"b\":[1,-2.5e-3,true,null,\"\\ud83d\\ude00\"]},false],"
	    "\"pickup\":{\"lat\":52.56697,\"lon\":13.37820},\"n\":123456789012345678901234567890,\"s\":\"\\\\\\n\"}";
	struct mr_scan *s = oracle_scan();
	struct mr_val vals[ORACLE_PATHS];
	struct mr_err err = MR_ERR_INIT;

	for (size_t len = 0; len < sizeof line; len++)
		for (size_t from = 0; from < 8 && from <= len; from++) {
			int want = len == sizeof line - 1 && from == 0 ? 0 : -1;

			for (unsigned flags = 0; flags <= MR_SCAN_TRUSTED; flags += MR_SCAN_TRUSTED) {
				int got = scan_exact(s, line + from, len - from, flags, vals, &err);

				if (from == 0)
					CHECK_INT(got, want);
			}
		}
	mr_scan_free(s);
}

static void
beside_jansson(void)
{
	struct mr_scan *s = oracle_scan();
	clock_t start = clock();
	struct mr_buf b = MR_BUF_INIT;
	const char *why;
	int n = 0;

	for (; n < 200000 && clock() - start < CLOCKS_PER_SEC; n++) {
		uint64_t now = seed;
		char *copy;

		b.len = 0;
		make_value(&b, 1 + (int)roll(5));
		for (unsigned i = roll(4); i-- > 1 && b.len;)
			mutate(&b);
		copy = malloc(b.len ? b.len : 1);
		if (b.len)
			memcpy(copy, b.at, b.len);
		if ((why = oracle(s, copy, b.len))) {
			unit_fail(__FILE__, __LINE__, "oracle");
			printf("#   seed %llu: %s: '%.*s'\n", (unsigned long long)now, why, (int)b.len, b.at);
		}
		free(copy);
	}
	printf("# %d lines\n", n);
	mr_buf_release(&b);
	mr_scan_free(s);
}

int
main(int argc, char **argv)
{
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
	printf("# seed %llu\n", (unsigned long long)seed);
	RUN(cases);
	RUN(every_byte_everywhere);
	RUN(utf8_pairs_and_more);
	RUN(every_escape_of_a_unit);
	RUN(depth);
	RUN(depth_from_the_end);
	RUN(error_texts);
	RUN(path_meaning);
	RUN(wrong_paths);
	RUN(many_paths);
	RUN(long_keys);
	RUN(prefixes);
	RUN(beside_jansson);
	return unit_done();
}

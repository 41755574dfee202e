/*
 * vm: a program of the list, by the first byte, over the rest as an event.
 * The machine over the bytes of the line, the machine over values, and the
 * plan must agree to the byte; what comes out is JSON, or an error's value.
 *
 * No program of the list takes more than a few times its input: how long a
 * loop runs, how long a repeated string is, which pattern is searched for is
 * never the input's to say.
 */
#include <stdio.h>

#include "../jq/ours.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const programs[] = {
    ".",
    "..",
    ".a",
    ".a.b.c?",
    ".a[0], .a[-1], .a[1:], .a[:-1]?",
    ".[]?",
    "[.[]?]",
    "{a, b, c: .a, \"d\": [.b]}",
    "{id: .a, total: (.a + .b), tip: (.c // 0)}",
    ". + {x: 1}",
    "select(.a > 1 and .b != \"x\")",
    ".a == .b, .a < .b, .a <= .b",
    ".a + .b",
    ".a - .b",
    ".a / .b",
    ".a % .b",
    "-.a",
    ".a // .b",
    "if .a then .b elif .c then 1 else \"x\" end",
    "try error(.a) catch .",
    "try (.a + .b) catch .",
    "(.a | length), (.b | utf8bytelength)",
    ".a | tostring, tojson, type",
    ".a | tonumber?",
    ".a | fromjson",
    "tojson | fromjson",
    "keys, to_entries, length",
    "with_entries(.value |= tostring)",
    "with_entries(select(.key | startswith(\"a\")))",
    "map(.)?, map_values(.)?",
    ".a |= 1",
    ".a.b |= . + 1",
    ".a += 1, .b -= 1, .c //= 2",
    ".[] |= [.]",
    "del(.a), del(.a, .b), del(.[0]?)",
    "del(.. | select(. == null))",
    "delpaths([[\"a\", 0], [\"b\"]])",
    "[paths], [paths(type == \"number\")]",
    "getpath([\"a\", \"b\", 0])",
    "setpath([\"a\", 1]; 2)",
    "[tostream], fromstream(tostream)",
    "reduce .[]? as $x (null; . + $x)",
    "reduce .a[]? as $x ([]; [$x] + .)",
    "[foreach .a[]? as $x (0; . + 1; [., $x])]",
    ". as {a: $x, b: [$y, $z]} | [$x, $y, $z]",
    ".[]? as [$a] ?// {a: $a} ?// $a | [$a]",
    "def f(g): [g, g]; f(.a), f(.[]?)",
    "def r: if type == \"array\" then map(r) else . end; r",
    "label $f | (.[]?, break $f, 1)",
    "first(.[]?), last(.[]?), [limit(2; .[]?)]",
    "\"a\\(.a)b\\(.b)\"",
    "@json, @text, @html, @uri, @base64",
    "(.a | @csv), (.a | @tsv), (.a | @sh)",
    "@html \"<\\(.a)>\", @sh \"echo \\(.b)\"",
    ".a | @base64d, @urid",
    ".a | ascii_downcase, ascii_upcase, explode",
    ".a | explode | implode",
    ".a | implode",
    ".a | trim, ltrim, rtrim",
    ".a | ltrimstr(\"a\"), rtrimstr(\"b\"), startswith(\"c\"), endswith(\"d\")",
    ".a | split(\",\"), split(\"\")",
    ".a | test(\"a+\"), [match(\"(a)(?<n>b)?\"; \"g\")]",
    ".a | gsub(\"(?<x>[a-z])\"; \"<\\(.x)>\")",
    ".a | sub(\"^\"; \"x\"), [scan(\".\")], [splits(\", *\")]",
    ".a | gsub(\"\"; \"-\"), capture(\"(?<y>\\\\d+)\")",
    ".a | .[1:3], .[-2:], .[.5:]",
    ".a | join(\",\")",
    ".a | add, any, all, min, max",
    ".a | sort, unique, reverse, flatten",
    "sort_by(.a), group_by(.a), unique_by(.a), min_by(.a), max_by(.a)",
    ".a | index(\"a\"), rindex(1), indices([1])",
    ".a | contains(.b), inside(.b)",
    "contains({a: \"x\"}), has(\"a\")",
    ".a | has(0), (.b | in([1, 2]))",
    ".a - .b, (.a | transpose), (.a | from_entries)",
    ".a | floor, sqrt, round, ceil, abs, log, exp",
    ".a | significand, frexp, modf, trunc",
    "[.a, .b] | ldexp(.[0]; .[1]), pow(.[0]; .[1])",
    ".a | todate, gmtime, (gmtime | mktime)",
    ".a | fromdate, strptime(\"%Y-%m-%dT%H:%M:%SZ\")",
    ".a | strftime(\"%A %d %B %Y %j %U %Z\"), mktime",
    ".a | strptime(.b)",
    ".a | isnan, isinfinite, isnormal",
    "walk(if type == \"number\" then . + 1 else . end)",
    "[.. | numbers], [.. | strings], [..] | length",
    "(.. | numbers) |= -.",
    "input_line_number, $__loc__, ([input]? // 1)",
    "[.[]? | .a?, .b?]",
    ".a[.b]?, .a[.b:.c]?",
    "pick(.a), pick(.b.c)?",
    "limit(3; repeat(.a))",
    "any(.[]?; . == 1), all(.[]?; . != null), isempty(.[]?)",
    "IN(.[]?; 1, 2), INDEX(.[]?; .a?)",
    "[.a, .b] == [.b, .a], ({a: .a} | tojson)",
    "error",
    "error(null)",
    ".a | error",
    "[splits(\"a\")?], ascii_downcase?",
    "tojson | length",
    "{(.a): 1}?, {a: .[]?}",
    ".a | toarray, tojson, @json",
    "bsearch(.a)?, (.a | bsearch(1))?",
    "getpath([.a, .b])?, getpath(.a)?",
    "[.a, .b, .c] | sort | map(type)",
    ".a |= empty, (.b[1:] |= [1])?",
    "to_entries | from_entries",
    "ltrimstr(\"x\"), splits(\"x\")",
};

enum { PROGRAMS = sizeof programs / sizeof *programs, MOST = 200 };

static struct ours *compiled[PROGRAMS];

static struct ours *
program(int i)
{
	struct mr_buf why = MR_BUF_INIT;
	bool left;

	if (!compiled[i] && !(compiled[i] = ours_new(programs[i], &left, &why))) {
		fprintf(stderr, "%s: %s\n", programs[i], mr_buf_str(&why));
		abort();
	}
	mr_buf_release(&why);
	return compiled[i];
}

/* Each line is JSON, the last one may be an error's value. */
static void
check_lines(const struct mr_buf *text)
{
	struct mr_scan *none = mr_scan_new();
	struct mr_err err = MR_ERR_INIT;
	const char *at = text->at, *end = text->at + text->len, *stop;

	for (; at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (strncmp(at, "error: ", 7) == 0)
			at += 7;
		/* What a program nested deeper than an event may be, an event cannot hold. */
		if (mr_scan_line(none, at, (size_t)(stop - at), 0, NULL, &err) < 0 && !strstr(err.text, "nested")) {
			fprintf(stderr, "%s: %.*s\n", err.text, (int)(stop - at), at);
			abort();
		}
	}
	mr_scan_free(none);
}

/* What fails on an event has no other output as a program. */
static bool
same(const struct mr_buf *a, const struct mr_buf *b, enum way way)
{
	if (way == WAY_PROG && b->len > 8 && memcmp(b->at, "failed: ", 8) == 0)
		return memmem(a->at, a->len, "error: ", 7) != NULL;
	return a->len == b->len && (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_buf text = MR_BUF_INIT, other = MR_BUF_INIT;
	const char *input = (const char *)data + 1;
	struct ours *o;

	if (size < 1 || size > 4096)
		return 0;
	o = program(data[0] % PROGRAMS);
	if (ours_run(o, WAY_TEXT, input, size - 1, MOST, &text)) {
		if (text.len)
			check_lines(&text);
		for (enum way way = WAY_OWNED; way < WAYS; way++) {
			if (!ours_has(o, way))
				continue;
			other.len = 0;
			ours_run(o, way, input, size - 1, MOST, &other);
			if (!same(&text, &other, way)) {
				fprintf(stderr, "%s: %s:\n%s%s:\n%s", programs[data[0] % PROGRAMS],
				    way_names[WAY_TEXT], mr_buf_str(&text), way_names[way], mr_buf_str(&other));
				abort();
			}
		}
	}
	mr_buf_release(&text);
	mr_buf_release(&other);
	return 0;
}

/*
 * The language: programs over inputs, through parser, compiler and machine.
 * What jq 1.8 makes of them was asked of it.
 */
#include "jq/vm/vm.h"
#include "unit.h"

struct run {
	struct mr_ast *ast;
	struct mr_code *code;
	struct mr_jq_run world;
	struct mr_vm *vm;
	struct mr_err err;
	bool foreign;
};

static bool
compile(struct run *r, const char *program, size_t len)
{
	*r = (struct run){.err = MR_ERR_INIT};
	mr_jq_run_init(&r->world);
	r->ast = mr_ast_parse(program, len, &r->foreign, &r->err);
	if (r->ast)
		r->code = mr_code_compile(r->ast, mr_ast_root(r->ast), NULL, &r->foreign, &r->err);
	if (r->code)
		r->vm = mr_vm_new(r->code, &r->world);
	return r->vm != NULL;
}

static void
release(struct run *r)
{
	mr_vm_free(r->vm);
	mr_code_free(r->code);
	mr_ast_free(r->ast);
	mr_jq_run_release(&r->world);
}

/* Outputs, each with a blank behind it; an error as "!value". */
static const char *
outputs(struct run *r, const char *input, struct mr_buf *out, int most)
{
	struct mr_value v;
	int got = 0;

	out->len = 0;
	if (mr_value_parse(input, strlen(input), &v) < 0) {
		mr_value_free(v);
		return "malformed input";
	}
	mr_vm_start(r->vm, v);
	while (most-- && (got = mr_vm_next(r->vm, &v)) > 0) {
		mr_value_write(&v, false, out);
		mr_buf_addc(out, ' ');
		mr_value_free(v);
	}
	if (got < 0) {
		mr_buf_addc(out, '!');
		mr_value_write(&v, false, out);
		mr_buf_addc(out, ' ');
		mr_value_free(v);
	}
	if (out->len)
		out->len--;
	return mr_buf_str(out);
}

static void
check(const char *program, const char *input, const char *want)
{
	struct mr_buf out = MR_BUF_INIT;
	struct run r;
	const char *got;

	if (compile(&r, program, strlen(program)))
		got = outputs(&r, input, &out, -1);
	else
		got = r.err.text;
	if (strcmp(got, want) != 0) {
		printf("# %s over %s\n", program, input);
		CHECK_STR(got, want);
	}
	mr_buf_release(&out);
	release(&r);
}

struct row {
	const char *program, *input, *want;
};

static void
check_all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(rows[i].program, rows[i].input, rows[i].want);
}
#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof((rows)[0]))

static void
paths(void)
{
	static const struct row rows[] = {{".", "{\"a\":1}", "{\"a\":1}"},
	    {".a.b", "{\"a\":{\"b\":2}}", "2"}, {".a.b", "{}", "null"},
	    {".a.b", "[]", "!\"Cannot index array with string (\\\"a\\\")\""},
	    {".a?", "5", ""},
	    {".a.b?", "5", "!\"Cannot index number with string (\\\"a\\\")\""},
	    {"(.a.b)?", "5", ""}, {".a?.b", "{\"a\":{\"b\":1}}", "1"},
	    {".\"a b\".c", "{\"a b\":{\"c\":3}}", "3"}, {".[\"a\",\"b\"]", "{\"a\":1,\"b\":2}", "1 2"},
	    {".\"x\\(1+1)\"", "{\"x2\":7}", "7"}, {".and, .if.end", "{\"and\":1}", "1 null"},
	    {".[1:]", "[1,2,3]", "[2,3]"}, {".[:-1]", "[1,2,3]", "[1,2]"},
	    {".[(0,1)]", "[5,6]", "5 6"}, {".[-1]", "[5,6]", "6"},
	    {".[]", "{\"a\":1,\"b\":[]}", "1 []"}, {".[]", "3", "!\"Cannot iterate over number (3)\""},
	    {".[]?", "3", ""}, {".[][0]", "[[1],[2]]", "1 2"}, {"..", "[[1]]", "[[1]] [1] 1"},
	    {".[].a?", "[{\"a\":1},2,{\"a\":3}]", "1 3"}, {".a.[0]", "{\"a\":[4]}", "4"}};

	CHECK_ALL(rows);
}

static void
operators(void)
{
	static const struct row rows[] = {{"1 + 2 * 3 - 4 / 2", "null", "5"},
	    {"1 - 2 - 3", "null", "-4"}, {". == 1.0, . != 1, . < 2", "1", "true false true"},
	    {"[(1,2) + (10,20)]", "null", "[11,12,21,22]"},
	    {"[(true,false) and (true,false)]", "null", "[true,false,false]"},
	    {"[(true,false) or (true,false)]", "null", "[true,true,false]"},
	    {"1 // 2, (null // 3), (empty // 4)", "null", "1 3 4"},
	    {"[(1,null,2) // 3], [(null,false) // (4,5)]", "null", "[1,2] [4,5]"},
	    {"1 // error(\"x\")", "null", "1"}, {"error(\"x\") // 1", "null", "!\"x\""},
	    {".a // .b // 7", "{\"b\":false}", "7"}, {"-.a, -(1,2)", "{\"a\":3}", "-3 -1 -2"},
	    {"-\"a\"", "null", "!\"string (\\\"a\\\") cannot be negated\""},
	    {". as $x | $x + $x", "[1]", "[1,1]"}, {"1 as $x | 2 as $y | [$x, $y]", "null", "[1,2]"},
	    {"1 + . as $x | $x * 2", "3", "8"}, {"[.[] > 2]", "[1,3]", "[false,true]"},
	    {".a = 1 // 2", "{}", "{\"a\":1}"}, {"[not, (1|not)]", "null", "[true,false]"},
	    {"if . > 1 then \"a\" elif . == 1 then \"b\" else \"c\" end", "1", "\"b\""},
	    {"if . then 1 end", "false", "false"}, {"[if (true,false) then 1 else 2 end]", "null", "[1,2]"},
	    {"9007199254740993 == 9007199254740992", "null", "false"},
	    {". == 1", "1.0000000000000000001", "false"}, {". > 0", "1e-400", "true"},
	    {"nan < nan, nan == nan, ([nan] == [nan])", "null", "true false false"}};

	CHECK_ALL(rows);
}

static void
construction(void)
{
	static const struct row rows[] = {{"[]", "1", "[]"}, {"{}", "1", "{}"},
	    {"[.[] | . + 1]", "[1,2]", "[2,3]"}, {"[.a, .b, (1,2), empty]", "{\"a\":0}", "[0,null,1,2]"},
	    {"{a, \"b\", $__loc__, \"c d\": 1, (\"e\",\"f\"): 2}", "{\"a\":1}",
	        "{\"a\":1,\"b\":null,\"__loc__\":{\"file\":\"<top-level>\",\"line\":1},\"c d\":1,\"e\":2} "
	        "{\"a\":1,\"b\":null,\"__loc__\":{\"file\":\"<top-level>\",\"line\":1},\"c d\":1,\"f\":2}"},
	    {"1 as $x | {$x, @base64 \"k\": 2, \"a\\(1)\": 3, \"b\\(1)\", if: 4, $x: 5}", "{\"b1\":9}",
	        "!\"Cannot use number (1) as object key\""},
	    {"\"k\" as $x | {$x: 5, a: 1 | . + 1,}", "null", "{\"k\":5,\"a\":2}"},
	    {"[{(\"a\",\"b\"): (1,2), c: (3,4)}] | length", "null", "8"},
	    {"{a: ., b: .}", "[1]", "{\"a\":[1],\"b\":[1]}"},
	    {"\"\\(1,2)-\\(3,4)\"", "null", "\"1-3\" \"2-3\" \"1-4\" \"2-4\""},
	    {"\"a\\(\"b\\(.)c\")d\"", "1", "\"ab1cd\""}, {"@json \"x\\(.)\", @text", "[\"a\"]",
	        "\"x[\\\"a\\\"]\" \"[\\\"a\\\"]\""},
	    {"@base64 \"x\\(.)y\"", "\"a\"", "\"xYQ==y\""},
	    {"@nothing", "1", "!\"nothing is not a valid format\""},
	    {"1.000, 100000000000000000000, .5, 1.e2, 007", "null",
	        "1.000 100000000000000000000 0.5 1e2 7"},
	    {"# a comment \\\n still\n1 # 2", "null", "1"}, {"\"\\u00e9\\ud83d\\ude00\\n\"", "null",
	        "\"\xc3\xa9\xf0\x9f\x98\x80\\n\""}};

	CHECK_ALL(rows);
}

static void
binding(void)
{
	static const struct row rows[] = {
	    {". as [$a, {b: $c, $d, \"e\": [$f]}] | [$a, $c, $d, $f]",
	        "[1,{\"b\":2,\"d\":3,\"e\":[4]}]", "[1,2,3,4]"},
	    {". as {$a: [$b], (\"c\",\"d\"): $e} | [$a, $b, $e]", "{\"a\":[1],\"c\":2,\"d\":3}",
	        "[[1],1,2] [[1],1,3]"},
	    {". as {(.k): $x} | $x", "{\"k\":\"a\",\"a\":5}", "5"},
	    {"[.[] as [$a] ?// {a: $b} ?// $c | [$a, $b, $c]]", "[[1],{\"a\":2},3]",
	        "[[1,null,null],[null,2,null],[null,null,3]]"},
	    {"[.[] as [$a] ?// $a | if ($a|type) == \"number\" then error(\"x\") else $a end]",
	        "[[1]]", "[[1]]"},
	    {"[limit(1; .[]? as [$a] ?// $a | [$a])]", "{\"a\":null,\"m\":null}", "[[null],[null]]"},
	    {"def f(g; $x): [g, $x, x]; f(1,2; 3,4)", "null", "[1,2,3,3,4] [1,2,4,3,4]"},
	    {"def f: def g: 3; g; f, (def f: 4; f)", "null", "3 4"},
	    {"def f($a; $b): [$a,$b]; [f(1,2;3,4)]", "null", "[[1,3],[1,4],[2,3],[2,4]]"},
	    {"def map(f): 7; map(.)", "[1]", "7"}, {"def f(x): x | x; 2 | f(. * .)", "null", "16"},
	    {"def f(g): def h: if . > 3 then . else (g | h) end; h; 0 | f(. + 1)", "null", "4"},
	    {"def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; [range(6) | fac]", "null",
	        "[1,1,2,6,24,120]"},
	    {"def r(f): if . > 2 then . else f | r(f) end; 0 | r(. + 1)", "null", "3"},
	    {"def a(f): def b: f; def c: b; c; a(a(.[]))", "[1,2]", "1 2"},
	    {"def f: .[] as $x | def g: $x + .; 10 | g; [f]", "[1,2]", "[11,12]"},
	    {"[.[] as $x | [$x | . as $y | ($x, $y)]]", "[1,2]", "[[1,1],[2,2]]"}};

	CHECK_ALL(rows);
}

static void
loops(void)
{
	static const struct row rows[] = {{"reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"},
	    {"reduce .[] as [$a, $b] (null; . + $a * $b)", "[[1,2],[3,4]]", "14"},
	    {"reduce (1,2) as $x (0; empty)", "null", "null"},
	    {"reduce (1,2) as $x (0; ., . + $x)", "null", "3"},
	    {"[reduce empty as $x (0, 1; .)]", "null", "[0,1]"},
	    {"[reduce .[]? as $x (0, 10; . + $x)]", "[1,2]", "[3,10]"},
	    {"[foreach .[] as $x (0; . + $x)]", "[1,2,3]", "[1,3,6]"},
	    {"[foreach .[] as [$a] (0; . + $a; [., $a])]", "[[1],[2]]", "[[1,1],[3,2]]"},
	    {"[foreach (1,2,3) as $x (0; empty; .)]", "null", "[]"},
	    {"[foreach (1,2,3) as $x (0; . + $x, . * 10; .)]", "null", "[1,0,2,0,3,0]"},
	    {"[range(0, 1; 3, 4)]", "null", "[0,1,2,0,1,2,3,1,2,1,2,3]"},
	    {"[limit(3; repeat(1))], [limit(0; 1)], first(range(5; 9)), [first(empty)]", "null",
	        "[1,1,1] [] 5 []"},
	    {"last(range(5)), [last(empty)], isempty(empty), isempty(1, error(\"x\"))", "null",
	        "4 [] true false"},
	    {"[label $a | label $b | 1, break $a, 2]", "null", "[1]"},
	    {"[.[] | label $out | if . == 2 then break $out else . end]", "[1,2,3]", "[1,3]"},
	    {"label $o | try break $o catch .", "null", "{\"__jq\":0}"},
	    {"[label $o | (1, 2) | ., (if . == 2 then break $o else empty end)]", "null", "[1,2]"},
	    {"def f: label $x | (1, break $x, 2); [f, f]", "null", "[1,1]"},
	    {"[any(.[]; . > 1), all(.[]; . > 1), any, all]", "[1,2]", "[true,false,true,true]"},
	    {"[.[] | until(. > 100; . * 2)], [1 | while(. < 10; . * 3)]", "[1,7]",
	        "[128,112] [1,3,9]"}};

	CHECK_ALL(rows);
}

static void
errors(void)
{
	static const struct row rows[] = {{"try error(\"x\") catch .", "null", "\"x\""},
	    {"try error({a: 1}) catch .a", "null", "1"}, {"try error(null) catch .", "null", "null"},
	    {"error(null)", "null", "!null"}, {"[.[] | try (1 / .) catch \"zero\"]", "[1,0]",
	        "[1,\"zero\"]"},
	    {"[(1, error(\"x\"), 2)?]", "null", "[1]"},
	    {"try ((1, 2) | error) catch .", "null", "1"},
	    {"try (try 1 | error(\"after\")) catch .", "null", "\"after\""},
	    {"(try 1 catch .) | error(\"after\")", "null", "!\"after\""},
	    {"[.[]?, (.a? // 3)]", "1", "[3]"},
	    {"try (try error(\"x\") catch error(\"y\")) catch .", "null", "\"y\""},
	    {"[try error(\"\\(1, 2)\") catch .]", "null", "[\"1\"]"},
	    {"reduce (1, 2) as $x (0; [1, error(\"x\")]?)", "null", "null"},
	    {"[.[] | (.a, .b)?]", "[{\"a\":1},3]", "[1,null]"},
	    {"{(1, 2): 3}?", "null", ""}, {"try ([] | .[\"a\"] = 1) catch .", "null",
	        "\"Cannot index array with string (\\\"a\\\")\""}};

	CHECK_ALL(rows);
}

static void
path_expressions(void)
{
	static const struct row rows[] = {{"[path(.a[0].b, .c)]", "null", "[[\"a\",0,\"b\"],[\"c\"]]"},
	    {"[path(..)]", "[[1]]", "[[],[0],[0,0]]"}, {"[paths]", "{\"a\":[1]}", "[[\"a\"],[\"a\",0]]"},
	    {"path(.a | select(.b == null))", "{}", "[\"a\"]"},
	    {"path(if .a then .b else .c end)", "{\"a\":1}", "[\"b\"]"},
	    {"path(.a // .b)", "{\"b\":1}", "[\"b\"]"}, {"path(getpath([\"a\", 0]) | .c)", "null",
	        "[\"a\",0,\"c\"]"},
	    {"path(first(.a, .b)), path(limit(1; .c, .d))", "null", "[\"a\"] [\"c\"]"},
	    {"[path(.[] | select(. > 1))]", "[1,2,3]", "[[1],[2]]"},
	    {"path(.a[1:2] | .[0])", "null", "[\"a\",{\"start\":1,\"end\":2},0]"},
	    {"[path(.[path(.a, .b)[0]])]", "{}", "[[\"a\"],[\"b\"]]"},
	    {"try path(1) catch .", "null", "\"Invalid path expression with result 1\""},
	    {"try path(.[0] | reverse) catch .", "[[1,2]]",
	        "\"Invalid path expression with result [2,1]\""},
	    {"try path([.a] | .[0]) catch .", "{\"a\":1}",
	        "\"Invalid path expression near attempt to access element 0 of [1]\""},
	    {"def f: .a, .b; [path(f | .c)]", "null", "[[\"a\",\"c\"],[\"b\",\"c\"]]"},
	    {"def r: ., (.[]? | r); [path(r)]", "[[1],2]", "[[],[0],[0,0],[1]]"},
	    {"def r(f): ., (f | r(f)); [path(r(.[]?))]", "[[1],2]", "[[],[0],[0,0],[1]]"}};

	CHECK_ALL(rows);
}

static void
assignment(void)
{
	static const struct row rows[] = {{".a = 1", "{\"b\":2}", "{\"b\":2,\"a\":1}"},
	    {".a.b[1] = 5", "null", "{\"a\":{\"b\":[null,5]}}"}, {".a = (1, 2)", "{}", "{\"a\":1} {\"a\":2}"},
	    {".a = .", "{\"b\":1}", "{\"b\":1,\"a\":{\"b\":1}}"}, {".[] = 1", "[5,6]", "[1,1]"},
	    {"(.a, .b) = (1, 2)", "null", "{\"a\":1,\"b\":1} {\"a\":2,\"b\":2}"},
	    {".a |= . + 1", "{\"a\":1}", "{\"a\":2}"}, {".a |= (., 9)", "{\"a\":1}", "{\"a\":1}"},
	    {"(.[] | select(. >= 2)) |= empty", "[1,2,3,2]", "[1]"}, {".a |= empty", "{\"a\":1,\"b\":2}",
	        "{\"b\":2}"},
	    {".[] |= (select(. > 1) | . * 2)", "[1,2,3]", "[4,6]"},
	    {".[0] += (10, 20)", "[1]", "[11] [21]"}, {".a += 1 | .b -= 1 | .c *= 2 | .d /= 2 | .e %= 2",
	        "{\"c\":3,\"d\":4,\"e\":5,\"b\":1}",
	        "{\"c\":6,\"d\":2,\"e\":1,\"b\":0,\"a\":1}"},
	    {".a //= 3, .b //= 3", "{\"b\":1}", "{\"b\":1,\"a\":3} {\"b\":1}"},
	    {".a[1:] = [9]", "{\"a\":[1,2,3]}", "{\"a\":[1,9]}"},
	    {".a[1:] |= map(. * 2)", "{\"a\":[1,2,3]}", "{\"a\":[1,4,6]}"},
	    {"del(.a, .c[0])", "{\"a\":1,\"b\":2,\"c\":[3,4]}", "{\"b\":2,\"c\":[4]}"},
	    {"del(.[] | select(. > 1))", "[1,2,3]", "[1]"}, {"to_entries", "{\"a\":1}",
	        "[{\"key\":\"a\",\"value\":1}]"},
	    {"with_entries(.value += 1)", "{\"a\":1}", "{\"a\":2}"},
	    {"(.. | select(type == \"number\")) |= . + 1", "[1,{\"a\":2}]", "[2,{\"a\":3}]"},
	    {"map_values(empty)", "{\"a\":1}", "{}"}, {"try (.a |= error(\"x\")) catch .", "{\"a\":[1]}",
	        "\"x\""},
	    {". as $x | .a += [1] | [., $x]", "{\"a\":[0]}", "[{\"a\":[0,1]},{\"a\":[0]}]"},
	    {"[.a += [1], .]", "{\"a\":[0]}", "[{\"a\":[0,1]},{\"a\":[0]}]"},
	    {"reduce range(3) as $i ({}; .[\"k\\($i % 2)\"] += [$i])", "null",
	        "{\"k0\":[0,2],\"k1\":[1]}"},
	    {"pick(.a.b, .c[1])", "{\"a\":{\"b\":1,\"x\":2},\"c\":[3,4,5]}",
	        "{\"a\":{\"b\":1},\"c\":[null,4]}"}};

	CHECK_ALL(rows);
}

static void
refusals(void)
{
	static const struct row rows[] = {{"", "1", "the expression is empty"},
	    {"1 +", "1", "syntax error: something is missing at the end of the expression"},
	    {"(1", "1", "syntax error: something is missing at the end of the expression"},
	    {"1)", "1", "syntax error: unexpected ')' at character 2 of the expression"},
	    {"\"\xc3\xa9\" | )", "1", "syntax error: unexpected ')' at character 7 of the expression"},
	    {"1 == 2 == 3", "1", "syntax error: unexpected '==' at character 8 of the expression"},
	    {"\"a", "1", "syntax error: a string without end begins at character 1 of the expression"},
	    {"\"\\x\"", "1", "syntax error: malformed escape at character 2 of the expression"},
	    {"{a:1 as $x|$x}", "1", "syntax error: unexpected 'as' at character 6 of the expression"},
	    {"{(1):2}", "1", "cannot use number (1) as object key at character 3 of the expression"},
	    {"foo(1)", "1", "foo/1 is not defined at character 1 of the expression"},
	    {"1 | $x", "1", "$x is not defined at character 5 of the expression"},
	    {"break $x", "1", "$*label-x is not defined at character 1 of the expression"},
	    {"def f(g): g(1); f(.)", "1", "g/1 is not defined at character 11 of the expression"},
	    {". as [$a, ($b)] | 1", "1", "syntax error: unexpected '(' at character 11 of the expression"},
	    {". as {$a, ($a): $b} | 1", "1", "$a is not defined at character 12 of the expression"},
	    {"import \"a\" as b; 1", "1",
	        "modules are not supported: 'import' at character 1 of the expression"}};
	struct run r;

	CHECK_ALL(rows);
	CHECK(!compile(&r, "include \"a\"; 1", 14) && r.foreign);
	release(&r);
	CHECK(!compile(&r, "a::b", 4) && r.foreign);
	release(&r);
	CHECK(!compile(&r, "nobody", 6) && !r.foreign);
	release(&r);
}

/* What is repeated n times, and then the end. */
static void
check_long(const char *begin, const char *again, size_t n, const char *end, const char *want)
{
	struct mr_buf program = MR_BUF_INIT, out = MR_BUF_INIT;
	struct run r;

	mr_buf_adds(&program, begin);
	for (size_t i = 0; i < n; i++)
		mr_buf_adds(&program, again);
	mr_buf_adds(&program, end);
	if (compile(&r, program.at, program.len))
		CHECK_STR(outputs(&r, "1", &out, -1), want);
	else
		CHECK(strstr(r.err.text, want) != NULL);
	release(&r);
	mr_buf_release(&program);
	mr_buf_release(&out);
}

static void
long_programs(void)
{
	const char *deep = "the expression is nested too deeply";

	check_long("", "(", 100000, "1", deep);
	check_long("", "[", 100000, "", deep);
	check_long("", "-", 100000, "1", deep);
	check_long("", "if ", 100000, "", deep);
	check_long("", "{a:", 100000, "", deep);
	check_long("", "def f: ", 100000, "", deep);
	check_long("", "1 as $x | ", 100000, "1", deep);
	check_long("", "\"\\(", 100000, "1", deep);
	check_long(". as ", "[", 100000, "", deep);
	check_long("0", "+1", 100000, "", deep);
	check_long("0", "+1", 1000, "", "1000");
	check_long("1", "|.+1", 5000, "", "5001");
	check_long("[1", ",1", 50000, "]|length", "50001");
	check_long("", "(", 500, ")", "unexpected ')'");
	check_long("0", " | if . > 3 then . - 1 else . + 1 end", 2000, "", "4");
	/* inlining must end somewhere */
	check("def a: .+1; def b: a|a|a|a; def c: b|b|b|b; def d: c|c|c|c; def e: d|d|d|d; "
	      "def f: e|e|e|e; def g: f|f|f|f; def h: g|g|g|g; 0|h,h,h,h",
	    "1", "16384 16384 16384 16384");
	check_long("def f(g): g | g; 0 | ", "f(", 12, ".+1 ))))))))))))", "4096");
	check_long("first(", "first(", 60, "1 as [$a] ?// $a | $a, 2 "
	    ")))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))", "1");
}

static void
long_runs(void)
{
	static const struct row rows[] = {{"reduce range(100000) as $i (0; .+1)", "1", "100000"},
	    {"[range(100000)] | length", "1", "100000"},
	    {"def f: if . >= 1000000 then . else .+1 | f end; 0 | f", "1", "1000000"},
	    {"def f(g): if . >= 100000 then . else g | f(g) end; 0 | f(.+1)", "1", "100000"},
	    {"last(range(1000000))", "1", "999999"},
	    {"reduce range(100000) as $i ([]; . + [$i]) | length", "1", "100000"},
	    {"reduce range(100000) as $i ({}; .a.b += [$i]) | .a.b | length", "1", "100000"},
	    {"reduce range(100000) as $i ({}; .\"\\($i % 100)\" |= . + 1) | .\"7\"", "1", "1000"},
	    {"reduce range(10000) as $i ([]; [.]) | [..] | length", "1", "10001"},
	    {"[limit(100000; 0 | recurse(. + 1))] | length", "1", "100000"},
	    {"def f: if . == 0 then 0 else (. - 1 | f) + 1 end; 100000 | f", "1", "100000"},
	    {"[range(100000) | select(. % 1000 == 0)] | length", "1", "100"},
	    {"first(range(1000000000))", "1", "0"}};

	CHECK_ALL(rows);
}

/* A run that nobody finishes, and the same machine again. */
static void
abandoned(void)
{
	static const char program[] = "def r: ., ([.] | r); .[] | try (r | path(..[0]?)) catch .";
	struct mr_buf out = MR_BUF_INIT;
	struct mr_value v;
	struct run r;

	CHECK(compile(&r, program, sizeof program - 1));
	for (int i = 1; i < 20; i++)
		CHECK(*outputs(&r, "[[1,[2]],3]", &out, i));
	for (int i = 0; i < 3; i++)
		CHECK_STR(outputs(&r, "5", &out, 9), "!\"Cannot iterate over number (5)\"");
	CHECK_INT(mr_vm_next(r.vm, &v), 0);
	mr_buf_release(&out);
	release(&r);
}

int
main(void)
{
	RUN(paths);
	RUN(operators);
	RUN(construction);
	RUN(binding);
	RUN(loops);
	RUN(errors);
	RUN(path_expressions);
	RUN(assignment);
	RUN(refusals);
	RUN(long_programs);
	RUN(long_runs);
	RUN(abandoned);
	return unit_done();
}

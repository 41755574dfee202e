/* Options: order, letters, the shared set, and mistakes put into words. */
#include <stdlib.h>

#include "base/opt.h"
#include "unit.h"

static const char help[] = "usage: toy [-v] [-n N] [file ...]\n";
static const struct option longs[] = {
    {"invert", no_argument, NULL, 'v'},
    {"number", required_argument, NULL, 'n'},
    {"only-long", required_argument, NULL, 256},
    {NULL, 0, NULL, 0},
};

struct shared {
	int calls, last;
	const char *arg;
};

static int
take(void *self, int c, const char *arg, struct mr_err *err)
{
	struct shared *s = self;

	s->calls++;
	s->last = c;
	s->arg = arg;
	if (arg && strcmp(arg, "wrong") == 0)
		return mr_err_set(err, MR_EX_USAGE, "cannot share 'wrong'");
	return 0;
}

static const struct option shared_longs[] = {
    {"on-error", required_argument, NULL, 1000},
    {NULL, 0, NULL, 0},
};

#define ARGV(...)                                                                                  \
	char *argv[] = {(char *)"toy", __VA_ARGS__, NULL};                                         \
	int argc = (int)(sizeof argv / sizeof *argv) - 1;                                          \
	struct shared shared = {0, 0, NULL};                                                       \
	struct mr_opt_set more = {shared_longs, take, &shared};                                    \
	struct mr_err err = MR_ERR_INIT;                                                           \
	struct mr_opt opt;                                                                         \
	mr_opt_init(&opt, argc, argv, help, "vn:", longs, &more)

static void
letters_and_names(void)
{
	ARGV((char *)"-v", (char *)"-n", (char *)"3", (char *)"--number=4", (char *)"--only-long",
	    (char *)"x", (char *)"file");
	size_t n;

	CHECK_INT(mr_opt_next(&opt, &err), 'v');
	CHECK_INT(mr_opt_next(&opt, &err), 'n');
	CHECK_STR(opt.arg, "3");
	CHECK_INT(mr_opt_next(&opt, &err), 'n');
	CHECK_STR(opt.arg, "4");
	CHECK_INT(mr_opt_next(&opt, &err), 256);
	CHECK_STR(opt.arg, "x");
	CHECK_INT(mr_opt_next(&opt, &err), 0);
	CHECK_STR(mr_opt_operands(&opt, &n)[0], "file");
	CHECK_INT(n, 1);
	mr_opt_release(&opt);
}

static void
an_option_behind_an_operand_is_refused(void)
{
	ARGV((char *)"one", (char *)"two", (char *)"-v");

	CHECK_INT(mr_opt_next(&opt, &err), -1);
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK(strncmp(err.text, "'-v' stands behind 'one': ", 26) == 0);
	mr_opt_release(&opt);
}

static void
two_dashes_end_them(void)
{
	ARGV((char *)"-v", (char *)"--", (char *)"-v", (char *)"two");
	size_t n;

	CHECK_INT(mr_opt_next(&opt, &err), 'v');
	CHECK_INT(mr_opt_next(&opt, &err), 0);
	CHECK_STR(mr_opt_operands(&opt, &n)[0], "-v");
	CHECK_INT(n, 2);
	mr_opt_release(&opt);
}

static void
a_dash_is_an_operand(void)
{
	ARGV((char *)"-", (char *)"two");
	size_t n;

	CHECK_INT(mr_opt_next(&opt, &err), 0);
	CHECK_STR(mr_opt_operands(&opt, &n)[0], "-");
	CHECK_INT(n, 2);
	mr_opt_release(&opt);
}

static void
the_shared_set_is_taken_there(void)
{
	ARGV((char *)"--on-error", (char *)"skip", (char *)"-v", (char *)"--on-error=wrong");

	CHECK_INT(mr_opt_next(&opt, &err), 'v');
	CHECK_INT(shared.calls, 1);
	CHECK_INT(shared.last, 1000);
	CHECK_STR(shared.arg, "skip");
	CHECK_INT(mr_opt_next(&opt, &err), -1);
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK_STR(err.text, "cannot share 'wrong'");
	mr_opt_release(&opt);
}

static void
refused(char *a, char *b, const char *names)
{
	ARGV(a, b);

	opt.argc = b ? 3 : 2;
	CHECK_INT(mr_opt_next(&opt, &err), -1);
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK(strstr(err.text, names) != NULL);
	CHECK(!strchr(err.text, '\n'));
	if (!strstr(err.text, names))
		printf("# %s %s: '%s' does not name %s\n", a, b ? b : "", err.text, names);
	mr_opt_release(&opt);
}

static void
mistakes_name_the_word(void)
{
	refused((char *)"-q", NULL, "q");
	refused((char *)"--nosuch", NULL, "nosuch");
	refused((char *)"--nosuch=1", NULL, "nosuch");
	refused((char *)"-n", NULL, "n");
	refused((char *)"--number", NULL, "number");
	refused((char *)"--invert=yes", NULL, "invert");
}

static void
no_operand_is_named(void)
{
	ARGV((char *)"-v");

	CHECK_INT(mr_opt_next(&opt, &err), 'v');
	CHECK_INT(mr_opt_next(&opt, &err), 0);
	CHECK(mr_opt_operand(&opt, "expression", &err) == NULL);
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK(strncmp(err.text, "no expression given", 19) == 0);
	mr_opt_release(&opt);
}

static void
size_is(const char *text, size_t want)
{
	struct mr_err err = MR_ERR_INIT;
	size_t got = 77;

	CHECK_INT(mr_size_parse(text, &got, &err), 0);
	CHECK_INT(got, want);
}

static void
size_refused(const char *text)
{
	struct mr_err err = MR_ERR_INIT;
	size_t got = 77;

	if (mr_size_parse(text, &got, &err) != -1) {
		unit_fail(__FILE__, __LINE__, "a size that is none is refused");
		printf("# size '%s' gave %zu\n", text, got);
	}
	CHECK_INT(err.status, MR_EX_USAGE);
	CHECK(err.text[0] != '\0' && !strchr(err.text, '\n'));
}

static void
sizes(void)
{
	size_is("1", 1);
	size_is("4096", 4096);
	size_is("64K", 65536);
	size_is("10M", (size_t)10 << 20);
	size_is("2G", (size_t)2 << 30);
	size_is("1KB", 1000);
	size_is("3MB", 3000000);
	size_is("2GB", 2000000000);
}

static void
sizes_refused(void)
{
	static const char *const wrong[] = {"", " ", "\t1", "K", "-1", "-1K", "1X", "1 0", "1K1",
	    "0x10", "99999999999999999999", "18446744073709551615G", "1.5.5K", "KB", "1KBB", "+",
	    "nan"};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		size_refused(wrong[i]);
}

static void
whole_numbers(void)
{
	static const char *const wrong[] = {"", " ", "x", "1x", "1 ", "1.0", "1e3", "0x1", "--1",
	    "+-1", " 1", "11", "-11", "99999999999999999999", "-99999999999999999999"};
	struct mr_err err = MR_ERR_INIT;
	int64_t n = 77;

	CHECK_INT(mr_int_parse("--count", "7", -10, 10, &n, &err), 0);
	CHECK_INT(n, 7);
	CHECK_INT(mr_int_parse("--count", "-10", -10, 10, &n, &err), 0);
	CHECK_INT(n, -10);
	CHECK_INT(mr_int_parse("--count", "10", -10, 10, &n, &err), 0);
	CHECK_INT(n, 10);
	CHECK_INT(mr_int_parse("--count", "9223372036854775807", 0, INT64_MAX, &n, &err), 0);
	CHECK_INT(n, INT64_MAX);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		err = (struct mr_err)MR_ERR_INIT;
		if (mr_int_parse("--count", wrong[i], -10, 10, &n, &err) != -1) {
			unit_fail(__FILE__, __LINE__, "a number that is none is refused");
			printf("# number '%s' gave %lld\n", wrong[i], (long long)n);
		}
		CHECK_INT(err.status, MR_EX_USAGE);
		CHECK(strncmp(err.text, "--count", 7) == 0);
	}
}

int
main(void)
{
	RUN(letters_and_names);
	RUN(an_option_behind_an_operand_is_refused);
	RUN(two_dashes_end_them);
	RUN(a_dash_is_an_operand);
	RUN(the_shared_set_is_taken_there);
	RUN(mistakes_name_the_word);
	RUN(no_operand_is_named);
	RUN(sizes);
	RUN(sizes_refused);
	RUN(whole_numbers);
	return unit_done();
}

/*
 * A small harness: RUN(test) each test, return unit_done() from main.
 * Prints TAP, which tests/run counts.
 */
#ifndef MR_UNIT_H
#define MR_UNIT_H

#include <stdio.h>
#include <string.h>

static int unit_count, unit_failed, unit_bad;

#define CHECK(cond) \
	((cond) ? (void)0 : unit_fail(__FILE__, __LINE__, #cond))
#define CHECK_INT(got, want) do { \
	long long got_ = (long long)(got), want_ = (long long)(want); \
	if (got_ != want_) { \
		unit_fail(__FILE__, __LINE__, #got " == " #want); \
		printf("#   got %lld, want %lld\n", got_, want_); \
	} } while (0)
#define CHECK_STR(got, want) do { \
	const char *got_ = (got), *want_ = (want); \
	if (strcmp(got_, want_) != 0) { \
		unit_fail(__FILE__, __LINE__, #got); \
		printf("#   got  '%s'\n#   want '%s'\n", got_, want_); \
	} } while (0)
#define RUN(test) do { \
	unit_bad = 0; \
	test(); \
	unit_count++; \
	unit_failed += unit_bad != 0; \
	printf("%s %d - %s\n", unit_bad ? "not ok" : "ok", unit_count, #test); \
	fflush(stdout); \
	} while (0)

static inline void
unit_fail(const char *file, int line, const char *what)
{
	unit_bad++;
	printf("# %s:%d: %s\n", file, line, what);
}

static inline int
unit_done(void)
{
	printf("1..%d\n", unit_count);
	return unit_failed != 0;
}

#endif

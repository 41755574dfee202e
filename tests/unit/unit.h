/*
 * A small harness: RUN(test) each test, return unit_done() from main.
 * Prints TAP, which tests/run counts.
 */
#ifndef MR_UNIT_H
#define MR_UNIT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Random numbers (xorshift64, Marsaglia 2003): the same from the same seed. */
static inline uint64_t *
unit_random(void)
{
	static uint64_t state;

	return &state;
}

/* Seed them from the environment's SEED, else with this; print it. */
static inline void
unit_seed(uint64_t otherwise)
{
	const char *given = getenv("SEED");

	*unit_random() = given ? strtoull(given, NULL, 10) : otherwise;
	printf("# SEED=%llu\n", (unsigned long long)*unit_random());
}

/* From 0 to n - 1. */
static inline uint64_t
unit_draw(uint64_t n)
{
	uint64_t *x = unit_random();

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x % n;
}

static inline int
unit_done(void)
{
	printf("1..%d\n", unit_count);
	return unit_failed != 0;
}

#endif

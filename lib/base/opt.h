/*
 * Options: getopt_long in POSIX order (the first operand ends them), with
 * -h/--help and -V/--version handled here, and a mistake put into words.
 *
 * A tool names its own options; a second set, shared by many tools, can be
 * joined to them.
 */
#ifndef MR_BASE_OPT_H
#define MR_BASE_OPT_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MR_VERSION "0.1.0"

struct mr_opt_set {                 /* options handled elsewhere */
	const struct option *longs; /* ends with a null name; values from 1000 up; no letters */
	int (*take)(void *self, int c, const char *arg, struct mr_err *err);
	void *self;
};

struct mr_opt {
	int argc;
	char **argv;
	const char *help;    /* printed by --help, exit 0 */
	const char *letters; /* as getopt's, without h and V */
	const struct option *longs;
	struct mr_opt_set more; /* longs null: none */
	const char *arg;        /* of the option just returned */
	struct option *joined;  /* both sets, and help and version */
	char *short_joined;
};

void mr_opt_init(struct mr_opt *, int argc, char **argv, const char *help, const char *letters,
    const struct option *longs, const struct mr_opt_set *more);

/*
 * Return: the next of the tool's own options (its letter or long value), 0
 *         no more, -1 err set, MR_EX_USAGE: also for an option behind an
 *         operand, unless `--` stands before them.  --help and --version print and
 *         exit: 0, or 4 if standard output is full.
 */
int mr_opt_next(struct mr_opt *, struct mr_err *err);

/* The operands; valid after mr_opt_next() returned 0. */
char **mr_opt_operands(const struct mr_opt *, size_t *n);

/* Take the first operand; NULL err set, `no NAME given; see TOOL --help`, MR_EX_USAGE. */
const char *mr_opt_operand(struct mr_opt *, const char *name, struct mr_err *err);

void mr_opt_release(struct mr_opt *);

/* 64K 10M 2G = powers of 1024, KB MB GB = powers of 1000, bare = bytes. */
int mr_size_parse(const char *text, size_t *bytes, struct mr_err *err);

/* A whole number within [min, max]; `what` begins the message. */
int mr_int_parse(const char *what, const char *text, int64_t min, int64_t max, int64_t *n,
    struct mr_err *err);

#endif

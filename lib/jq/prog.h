/*
 * jq programs over events.
 *
 * In this version every program runs on libjq (slow.c); the interface is the
 * one a faster engine will have.
 */
#ifndef MR_JQ_PROG_H
#define MR_JQ_PROG_H

#include "base/err.h"
#include "json/scan.h"

struct mr_prog;

/* --arg NAME TEXT and --argjson NAME JSON, collected before the program is compiled. */
struct mr_prog_arg {
	const char *name, *value;
	int is_json;
};

/*
 * NULL: err set, MR_EX_USAGE, with jq's own words on the place in the program.
 * Owner: the caller, of text and args, which must live as long as the program.
 */
struct mr_prog *mr_prog_new(const char *text, const struct mr_prog_arg *args, size_t nargs,
    struct mr_err *err);
void mr_prog_free(struct mr_prog *);

/*
 * Is any output for this event, a scanned value, neither null nor false?
 * Return: 1 yes, 0 no, -1 err set, MR_EX_DATA: the program failed on it (in jq's words).
 */
int mr_prog_test(struct mr_prog *, const struct mr_val *event, struct mr_err *err);

#endif

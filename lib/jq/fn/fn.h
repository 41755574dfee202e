/*
 * jq's builtins: those coded in C and those defined in jq.  For lib/jq alone.
 */
#ifndef MR_JQ_FN_H
#define MR_JQ_FN_H

#include "base/buf.h"
#include "jq/value/value.h"

struct mr_regex_cache; /* compiled patterns by text and flags: regex.c */

/* What a running program may ask of its surroundings; one per program and thread. */
struct mr_jq_run {
	bool env; /* $ENV and env show the environment; otherwise both are {} */
	struct mr_value
	    named; /* $__prog_args named and positional: {"named":{..},"positional":[..]} ($ARGS) */
	uint64_t line_no; /* input_line_number */
	const char *file; /* input_filename; NULL: null */
	/* The next event for input/inputs, owned; 1, 0 no more (jq's error "break"), -1 *out is an error value. */
	int (*input)(void *, struct mr_value *out);
	bool (*stops)(void);   /* the process is asked to end: a run ends as by halt; NULL: never */
	bool (*waits)(void *); /* no event is there now, but one may come; NULL: false */
	void *input_self;
	/* Set by halt and halt_error, which then return -1 and null: no try catches that.  What
	 * halt_error has to say is on standard error already. */
	bool halted;
	int halt_status;
	struct mr_regex_cache *regexes;
	struct mr_buf room, room2; /* scratch of whoever runs, empty between calls */
};

void mr_jq_run_init(struct mr_jq_run *);
void mr_jq_run_release(struct mr_jq_run *);

/* args[0] is the input, args[1..arity] the arguments; all consumed.  0 and *out; -1 and *out the error value. */
typedef int mr_jq_call(struct mr_jq_run *, struct mr_value *args, struct mr_value *out);

/* What else it does than make a value of its arguments. */
enum {
	MR_FN_READS = 1, /* takes an event, by run->input */
	MR_FN_PLACE = 2, /* asks for the place of the event: run->line_no, run->file */
	MR_FN_SPEAKS = 4 /* writes on standard error */
};

struct mr_jq_fn {
	const char *name;
	int arity; /* arguments without the input; each is evaluated to values, jq's cartesian order */
	mr_jq_call *call;
	unsigned flags; /* MR_FN_... */
};

/* NULL: none coded in C. */
const struct mr_jq_fn *mr_jq_fn(const char *name, int arity);

/*
 * The text of a builtin that is defined in jq, `def name(f; $x): ...;`, or
 * NULL.  It may use other builtins; the compiler compiles it when called for.
 */
const char *mr_jq_def(const char *name, int arity);

/* The i-th of all builtins, of both kinds; NULL behind the last.  empty, path(f) and range(a; b) are the compiler's. */
const char *mr_jq_builtin_name(size_t i, int *arity);

/* @text @json @csv @tsv @html @uri @urid @sh @base64 @base64d @base32 @base32d: -1 *out is the error. */
int mr_jq_format(const char *name, struct mr_value, struct mr_value *out);

/* Return -1: *out is "Cannot iterate over number (5)", or "Cannot use number (5) as object key"; bad is consumed. */
int mr_fail_iterate(struct mr_value bad, struct mr_value *out);
int mr_fail_key(struct mr_value bad, struct mr_value *out);

#endif

/*
 * jq programs over events: the expression of every tool that takes one.
 *
 * A program runs as a plan over what the scanner found (plan/) when it has at
 * most one output for an event, else on a machine (vm/); what neither knows
 * runs on libjq (slow.h).  jq 1.8 is the specification; millrace-expr(7) has
 * the differences.
 *
 * This folder is the door.  Behind it, each seeing only those above it:
 *   value/  values, their arithmetic, order, paths, JSON in and out
 *   fn/     builtins in C, and the texts of those in jq
 *   lang/   the text of a program becomes a tree
 *   plan/   a tree becomes a plan, and plans run
 *   code/   a tree becomes instructions
 *   vm/     the machine that runs them
 */
#ifndef MR_JQ_PROG_H
#define MR_JQ_PROG_H

#include "base/err.h"
#include "jq/plan/plan.h"

struct mr_prog;  /* one thread at a time */
struct mr_libjq; /* slow.h */

enum mr_engine {
	MR_ENGINE_AUTO, /* own, and libjq for what it does not know */
	MR_ENGINE_OWN,
	MR_ENGINE_LIBJQ
};

/* What surrounds a program; args.h fills it from options. */
struct mr_prog_args {
	struct mr_value named;      /* an object: $name of --arg and the like */
	struct mr_value positional; /* an array: $ARGS.positional */
	struct mr_value library;    /* an array: where libjq looks for modules */
	bool null_input;            /* jq's -n: mr_prog_begin() runs it, once */
	bool env;                   /* $ENV and env show the environment */
	enum mr_engine engine;
	const struct mr_libjq *libjq; /* NULL: there is none, the engine is the own one */
	struct mr_scan *scan; /* what is to find the paths it wants; NULL: a scan of its own */
};

/* How jmap writes an output. */
struct mr_prog_style {
	bool raw;    /* a string as its bytes, not as JSON */
	bool joined; /* no newline behind it */
	bool sorted; /* keys of objects in jq's order */
};

/*
 * NULL: err set, MR_EX_USAGE, with the place in the program.
 * Owner: the caller, of text and args, which must live as long as the program.
 */
struct mr_prog *mr_prog_new(const char *text, const struct mr_prog_args *args, struct mr_err *err);
void mr_prog_free(struct mr_prog *);

/* What finds what the program wants in each event: the program's, or the one it was given. */
struct mr_scan *mr_prog_scan(const struct mr_prog *);

/* It looks into values: events have to be valid JSON, whoever says that they are. */
bool mr_prog_thorough(const struct mr_prog *);

/* The event's place is asked for (input_line_number, input_filename).  libjq is never told it. */
bool mr_prog_wants_place(const struct mr_prog *);

/*
 * Programs of the same text may run on the events in several threads: it needs
 * no place and no other events, writes nothing on standard error and is not
 * libjq's, which is one in a process.
 */
bool mr_prog_apart(const struct mr_prog *);

/*
 * Is any output for this event neither null nor false?
 * Return: 1 yes, 0 no, -1 err set, MR_EX_DATA: the program failed on it (in jq's words).
 */
int mr_prog_test(struct mr_prog *, const struct mr_event *, struct mr_err *err);

/*
 * Append its first output as JSON.  Not of a program on libjq.
 * Return: 1, 0 there is none, -1 as mr_prog_test(); on these two the buffer is as it was.
 */
int mr_prog_first(struct mr_prog *, const struct mr_event *, struct mr_buf *, struct mr_err *err);

/* Many at once, where that is possible: as mr_plan_test_rows(). */
bool mr_prog_test_rows(const struct mr_prog *, const struct mr_scan_row *,
    const struct mr_val *vals, size_t width, size_t count, unsigned char *hit);

/*
 * Append its outputs, a line each; *lines are counted up.
 * Return: 0, or -1 err set, MR_EX_DATA: the buffer is as it was then.
 */
int mr_prog_write(struct mr_prog *, const struct mr_event *, const struct mr_prog_style *,
    struct mr_buf *, uint64_t *lines, struct mr_err *err);

/*
 * The same for many, as mr_plan_write_rows(), of a program that wants no place
 * and does not run on null.
 * Return: 0, perhaps before the last row: when the buffer should be taken; -1
 *         err set for row *next: those before it are written.
 */
int mr_prog_write_rows(struct mr_prog *, const struct mr_event_rows *, size_t *next,
    const struct mr_prog_style *, struct mr_buf *, uint64_t *lines, struct mr_err *err);

/*
 * Those below, and mr_prog_write() when the run is one on null, may return 1:
 * the buffer is full; take what it holds and call mr_prog_more().
 *
 * Programs that read: by `input` they take the events that come, and wait for
 * one that has not come yet, in the middle of a run.  mr_prog_write() then goes
 * on with that run.  Begin before the first event, finish behind the last:
 * both as mr_prog_write().
 */
bool mr_prog_reads(const struct mr_prog *);
bool mr_prog_waits(const struct mr_prog *); /* the run goes on with the next event, or the end */
bool mr_prog_over(
    const struct mr_prog *); /* a run on null has ended: no event is wanted any more */
int mr_prog_begin(struct mr_prog *, const struct mr_prog_style *, struct mr_buf *, uint64_t *lines,
    struct mr_err *err);
int mr_prog_more(struct mr_prog *, const struct mr_prog_style *, struct mr_buf *, uint64_t *lines,
    struct mr_err *err);
int mr_prog_finish(struct mr_prog *, const struct mr_prog_style *, struct mr_buf *, uint64_t *lines,
    struct mr_err *err);

/* Which engine runs it, how, and why: lines for people. */
void mr_prog_explain(const struct mr_prog *, struct mr_buf *);

#endif

/*
 * A stage: what a tool means, as callbacks over bytes, and the loop that runs
 * one in a process.
 *
 * A stage does no I/O on the stream of its own, so that the same code runs in
 * a process, joined with its neighbours in one process, in a unit test and
 * under a fuzzer; it must not assume to be alone: no statics, no exit().
 * The loop owns reading, control lines, bad records, flushing, signals,
 * metrics, and (in run mode, to come) barriers and snapshots.
 */
#ifndef MR_STREAM_STAGE_H
#define MR_STREAM_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "stream/bad.h"
#include "stream/control.h"
#include "stream/in.h"
#include "stream/out.h"

struct mr_snap; /* a snapshot being written or read: lib/state, to come */

#define MR_STAGE_AHEAD 16

enum mr_control_use {
	MR_CONTROL_PASS, /* a filter: control lines go through untouched */
	MR_CONTROL_EAT,  /* windows and sinks: they end here */
	MR_CONTROL_HOLD, /* holds lines back: hello and eos go through, it writes the wm itself */
	MR_CONTROL_MAKE  /* the stage writes hello, its own wm, and eos */
};

/* Lines scanned in one go; each row is ended by LF and holds no control line. */
struct mr_rows {
	const struct mr_scan_row *row;
	size_t n;
	const struct mr_val *vals; /* of row i: vals + i * width */
	size_t width;
};

struct mr_stage {
	/*
	 * Every callback returns 0, or -1 with err set.  A null callback is
	 * not called.  self is the first argument.
	 *
	 * event      one data line; line->vals is what `scan` found in it.
	 *            -1 with MR_EX_DATA makes it a bad record:
	 *            nothing may have been written for it then.  -1 with what
	 *            mr_stage_bad() left in err, or another status, ends it all.
	 * rows       instead of event, where the loop has many lines at once:
	 *            takes them from *next on, which is stepped past each; -1
	 *            speaks of row *next.  event() has to be there too.
	 * ahead      instead of rows, beside event, where memory is slow: what was
	 *            found in an event that will come MR_STAGE_AHEAD events later.
	 * watermark  a wm line came in: no event below ms is still expected.
	 * tick       every tick_ms of the clock (CLOCK_MONOTONIC), input or none.
	 * idle       the input pauses: the next read would block.  Sinks
	 *            hand over what they hold.
	 * end        no more input.  stopped: a signal ended it, open windows
	 *            are not results; else all of them are to be emitted.
	 * save       a failure ends it all, and no end() comes: events that were
	 *            accepted and are held back are to be written.
	 * pull       sources only, instead of event: emit what is there, wait
	 *            at most wait_ms for something.  1 go on, 0 the end.
	 * twin       fill in *copy a stage of the same meaning that shares nothing
	 *            that changes: rows, scan, scan_flags, self, release.  With
	 *            `jobs` threads each has one, and the end() of none is called.
	 * status     append to the line that USR1 asks for, `, key value` each.
	 * metrics    append lines of the Prometheus text format.
	 */
	int (*event)(void *, const struct mr_line *, struct mr_out *, struct mr_err *);
	int (*rows)(void *, const struct mr_rows *, size_t *next, struct mr_out *, struct mr_err *);
	void (*ahead)(void *, const struct mr_val *vals);
	int (*watermark)(void *, int64_t ms, struct mr_out *, struct mr_err *);
	int (*tick)(void *, int64_t now_ms, struct mr_out *, struct mr_err *);
	int (*idle)(void *, struct mr_out *, struct mr_err *);
	int (*end)(void *, bool stopped, struct mr_out *, struct mr_err *);
	int (*save)(void *, struct mr_out *, struct mr_err *);
	int (*pull)(void *, int wait_ms, struct mr_out *, struct mr_err *);
	int (*snapshot)(void *, struct mr_snap *, struct mr_err *);
	int (*restore)(void *, struct mr_snap *, struct mr_err *);
	int (*twin)(const struct mr_stage *, struct mr_stage *copy, struct mr_err *);
	void (*status)(void *, struct mr_buf *);
	void (*metrics)(void *, struct mr_buf *);
	void (*release)(void *);

	/* Set by the tool's setup. */
	void *self;
	const char *id; /* the tool's name */
	struct mr_scan *
	    scan; /* of every data line; what it refuses is a bad record.  NULL: lines come unscanned */
	bool thorough; /* lines are validated even if they were before: it looks into values */
	unsigned scan_flags; /* MR_SCAN_OBJECT or 0 */
	enum mr_control_use control;
	bool silent;        /* writes no stream: a sink, or a mode that only prints */
	int tick_ms;        /* 0: no ticks */
	char *const *files; /* FILE operands */
	size_t nfiles;
	unsigned jobs; /* threads; above 1 there is a twin */

	/* Set by the options every tool has (stream/tool.h), read by it and the loop. */
	struct mr_bad bad;
	size_t max_line;
	bool check; /* validate what the stream has not validated yet */
	const char *metrics_path;
	bool progress; /* the line of USR1 each second, with the rate */

	/* Set by the loop before the first callback, for the tool to read. */
	struct mr_hello hello; /* there: the stream has one; wm: watermarks come in */
	bool trusted;          /* lines were validated upstream, or --check none */
	bool wm_idle;          /* in watermark(): all inputs upstream are silent */
	struct mr_hello sent;  /* the hello this stage wrote, if there */

	bool done;     /* set by the tool: no more input is wanted, as head has it */
	bool no_match; /* set by the tool: the exit status is MR_EX_NO, not 0 */
};

/* Zeroed memory for the tool's own struct, kept in stage->self; the loop frees it after release(). */
void *mr_stage_self(struct mr_stage *, size_t size);

/*
 * Refuse a record that event() had accepted (a batch found it out later), or
 * one of a source; *err is MR_EX_DATA and says why.
 * Return: 0 go on, -1 err set: --on-error fail.
 */
int mr_stage_bad(struct mr_stage *, const struct mr_line *, struct mr_err *err);

/*
 * For MR_CONTROL_MAKE, MR_CONTROL_HOLD and sources: write a hello (once; first
 * thing in the stream), a watermark.  The loop writes eos itself.
 */
void mr_stage_hello(struct mr_stage *, struct mr_out *);
int mr_stage_wm(struct mr_stage *, int64_t ms, bool idle, struct mr_out *, struct mr_err *);

/* True once TERM or INT asked for a stop: long waits of a sink or source watch it. */
bool mr_stage_stopping(const struct mr_stage *);

/*
 * Can the input be silent: is it a pipe or a terminal?  What a file gives must
 * not depend on a clock.  Known behind mr_tool_files().
 */
bool mr_stage_live(const struct mr_stage *);

/*
 * Run the stage over its input until it ends.  Returns the exit status; on
 * any but 0 and MR_EX_NO the message has been printed.
 */
int mr_stage_run(struct mr_stage *);

/* Is the line taken for valid because somebody upstream says so? */
static inline bool
mr_stage_trusts(const struct mr_stage *s)
{
	return s->trusted && !s->thorough;
}

/* CLOCK_MONOTONIC in ms. */
int64_t mr_clock_ms(void);

#endif

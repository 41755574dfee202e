/*
 * The stream that a stage writes: lines, buffered until the loop flushes.
 */
#ifndef MR_STREAM_OUT_H
#define MR_STREAM_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "stream/in.h"

struct mr_out {
	int fd;           /* -1: nowhere; buf is then left to the holder (tests, fused stages) */
	const char *name; /* in messages: "standard output", a file's name */
	struct mr_buf buf;
	const char *run; /* lines passed, not yet copied: in the reader's buffer */
	size_t run_len;
	uint64_t lines, bytes; /* data lines; all bytes accepted */
	bool failed;           /* a write did: what was in the buffer is lost */
};

void mr_out_init(struct mr_out *, int fd, const char *name);
void mr_out_release(struct mr_out *);

/* Append bytes and LF.  -1 err set, MR_EX_WORLD: cannot write. */
int mr_out_line(struct mr_out *, const char *at, size_t len, struct mr_err *err);

/* Append a line as it came in: the same bytes, CR LF and all; a missing LF is added. */
int mr_out_pass(struct mr_out *, const struct mr_line *line, struct mr_err *err);

/*
 * Pass `lines` whole lines, LF and all, without a copy where that pays: the
 * bytes must stay until the next flush.  Runs that follow each other in memory
 * become one.
 */
int mr_out_run(struct mr_out *, const char *at, size_t len, uint64_t lines, struct mr_err *err);

/* Before anything is built behind what mr_out_run() took. */
void mr_out_settle(struct mr_out *);

/*
 * Lines built in place: append to out->buf, then say how many data lines that
 * were.  Writes if the buffer is large.
 */
int mr_out_built(struct mr_out *, uint64_t lines, struct mr_err *err);

int mr_out_flush(struct mr_out *, struct mr_err *err);

/*
 * Behind what is there, all that `from` holds, which is then empty.  Moves it
 * where it can; the bytes of a run must stay until the next flush.
 */
int mr_out_take(struct mr_out *, struct mr_out *from, struct mr_err *err);

#endif

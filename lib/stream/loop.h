/*
 * The loop's own state and parts: stage.c begins and ends it, wait.c waits for
 * input, clock, signals and threads, lines.c delivers what was read.  For
 * these alone.
 */
#ifndef MR_STREAM_LOOP_H
#define MR_STREAM_LOOP_H

#include "stream/parallel.h"
#include "stream/stage.h"

#define MR_LOOP_ROWS 128   /* lines scanned at once */
#define MR_LOOP_GRACE 1000 /* ms: how long upstream may take to end the stream after a signal */

struct mr_loop {
	struct mr_stage *stage;
	struct mr_in *in;
	struct mr_out out;
	struct mr_jobs *jobs; /* threads; NULL: none */
	bool begun;           /* the first line, or the lack of one, has been looked at */
	bool end;             /* the input is complete, says a line that was not passed */
	bool eos;             /* the last line came in */
	bool stopped;         /* a signal ended the stream, here or at its source */
	bool torn;            /* it ended without eos */
	struct mr_scan_row *row;
	struct mr_val *vals; /* of MR_LOOP_ROWS lines */
	int64_t eos_id;      /* what the eos that came in carries on */
	uint64_t lines;      /* data lines in */
	int64_t now_ms, stop_ms, tick_ms, metrics_ms;
	int64_t progress_ms; /* when the line was last written, and the lines out by then */
	uint64_t progress_lines;
};

/* -- lines.c -- */
/*
 * The first line was looked at, or there is none (NULL): what the stage must
 * know is known.  1 the line was a hello, 0 it is data, -1.
 */
int mr_loop_begin(struct mr_loop *, const struct mr_line *first, struct mr_err *err);
int mr_loop_lines(struct mr_loop *, struct mr_err *err); /* deliver what was read */

/* -- wait.c -- */
int mr_loop_attend(struct mr_loop *,
    struct mr_err *err); /* what the clock and the signals ask for */
int mr_loop_flush(struct mr_loop *, struct mr_err *err);
bool mr_loop_stops(const struct mr_loop *);             /* a signal came, and its time is up */
bool mr_loop_stops_between(struct mr_loop *);           /* the same between two lines */
void mr_loop_reader_gone(void);                         /* end as a write would */
int mr_loop_wait(struct mr_loop *, struct mr_err *err); /* 1 read on; 0 the end, or a stop; -1 */
int mr_loop_read(struct mr_loop *, struct mr_err *err); /* as mr_in_read() */
/* Lines that were read to a thread: 1 look again; 0 deliver what is next; -1. */
int mr_loop_hand_out(struct mr_loop *, struct mr_err *err);

#endif

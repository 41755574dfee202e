/*
 * Lines of files and standard input.
 */
#ifndef MR_STREAM_IN_H
#define MR_STREAM_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "json/scan.h"

#define MR_LINE_MAX_DEFAULT ((size_t)16 << 20)

/* A line and where it stood. */
struct mr_line {
	const char *at; /* the bytes without their end */
	size_t len;
	size_t end;                /* bytes of its end as it came in: 0 (none), 1 (LF), 2 (CR LF) */
	const char *file;          /* "stdin" for standard input; "topic:partition" */
	uint64_t no;               /* from 1 in each file; an offset for Kafka */
	bool trusted;              /* valid, as somebody upstream says: it was not validated here */
	bool cut;                  /* the line was longer than max_line: this is its beginning */
	const struct mr_val *vals; /* what the stage's scan found in it; NULL: it has no scan */
};

struct mr_in;

/*
 * files[n] are opened one after the other, `-` is standard input; n = 0:
 * standard input.  maps: see map.h; then it cannot be split.
 */
struct mr_in *mr_in_new(char *const files[], size_t n, size_t max_line, bool maps);
void mr_in_free(struct mr_in *);

/*
 * Step to the next line that is already read.  Blank lines are skipped, a BOM
 * at the start of a file is dropped.
 * Return: 1 a line; 0 none: mr_in_read() is due; -1 err set, MR_EX_DATA: a
 *         line longer than max_line, *line is its first max_line bytes and
 *         place; the next call goes on behind it.
 * Owner:  `in` owns the bytes, until the next mr_in_read().
 */
int mr_in_line(struct mr_in *, struct mr_line *line, struct mr_err *err);

/*
 * What was read and not delivered yet, from the beginning of a line on, for
 * who steps over several lines at once; MR_SCAN_PAD bytes more may be read.
 * mr_in_took() says how far it came: behind the LF of a line, `lines` further.
 * Return: *at..*end, empty where only mr_in_line() knows what is next.
 */
void mr_in_unread(const struct mr_in *, const char **at, const char **end);
void mr_in_took(struct mr_in *, const char *behind, uint64_t lines);
const char *mr_in_place(const struct mr_in *,
    uint64_t *lines); /* the file, and lines delivered of it */

/*
 * The whole lines that are unread as an input of their own, which has no more
 * than them; `in` goes on behind them, in the memory of `spare`, another such
 * part that is not needed any more, or NULL.  The part counts lines from 0:
 * who knows what stood before it tells it by mr_in_took().
 * Return: the part, mr_in_free() it; NULL: there is no whole line, spare is
 *         the caller's still.
 */
struct mr_in *mr_in_split(struct mr_in *in, struct mr_in *spare);
bool mr_in_same_file(const struct mr_in *, const struct mr_in *part);
bool mr_in_pending(const struct mr_in *); /* mr_in_line() has something to say */

/*
 * Read once; blocks if nothing is there.
 * Return: 1 go on with mr_in_line(); 0 the input has ended (every file, an
 *         unterminated last line has been delivered); -1 err set, MR_EX_WORLD.
 */
int mr_in_read(struct mr_in *, struct mr_err *err);

int mr_in_fd(const struct mr_in *);        /* what to poll; -1: a read will not block */
bool mr_in_is_stdin(const struct mr_in *); /* reading standard input now */

#endif

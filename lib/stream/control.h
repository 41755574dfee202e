/*
 * Control lines: the stream's own words among the data.
 *
 *   {"$mr":"<nonce>","t":"<type>",<fields in order>,"c":"<crc>"}
 *
 * byte-exact canonical, crc = CRC-32C in 8 lower-case hex digits of all bytes
 * before `,"c"`.  The nonce, 32 hex digits of getrandom(2), is new for each
 * run and adopted from the hello on line 1 of standard input: that, and not
 * escaping, keeps data from forging control.  millrace-protocol(7) has it all.
 */
#ifndef MR_STREAM_CONTROL_H
#define MR_STREAM_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define MR_CONTROL_PREFIX "{\"$mr\":\""
#define MR_NONCE_LEN 32

enum mr_control_type {
	MR_CTL_HELLO, /* first line */
	MR_CTL_RESTORE,
	MR_CTL_WM, /* no event with a smaller time is still expected */
	MR_CTL_DEAD,
	MR_CTL_BARRIER,
	MR_CTL_END, /* the input is complete: emit all open results */
	MR_CTL_EOS  /* last line */
};

/* hello: what is known of the stream and the stages so far */
struct mr_hello {
	bool there; /* the stream began with a hello */
	char nonce[MR_NONCE_LEN + 1];
	char *pipeline, *uid; /* "" in plain mode */
	int64_t run;          /* 0 in plain mode */
	char *path;           /* ids of the stages so far, as a JSON array of strings */
	bool wm;              /* a stage upstream makes watermarks */
	bool ok;              /* a stage upstream has validated JSON and UTF-8 */
};

struct mr_control {
	enum mr_control_type type;
	int64_t ts;   /* wm: event time, ms */
	bool idle;    /* wm: every input is silent */
	bool stopped; /* eos: how is stop, not end */
	int64_t id;   /* eos, barrier */
};

void mr_hello_init(struct mr_hello *); /* a fresh nonce, plain mode */
void mr_hello_release(struct mr_hello *);
void mr_hello_copy(struct mr_hello *to, const struct mr_hello *from);
void mr_hello_add(struct mr_hello *,
    const char *tool); /* its id behind the path: jfilter, jfilter.2 */

/*
 * Read the first line of a stream.
 * Return: 1 a hello, *hello filled; 0 data, *hello untouched; -1 err set,
 *         MR_EX_WORLD: it begins like a hello but is broken or of another version.
 */
int mr_hello_parse(const char *at, size_t len, struct mr_hello *hello, struct mr_err *err);
void mr_hello_write(struct mr_buf *out, const struct mr_hello *hello); /* with its LF */

/*
 * Read any later line.
 * Return: 1 control, *c filled; 0 data; -1 err set, MR_EX_WORLD: wrong crc,
 *         unknown type, not canonical, a second hello.
 */
int mr_control_parse(const struct mr_hello *hello, const char *at, size_t len, struct mr_control *c,
    struct mr_err *err);

/* False: mr_control_parse() would return 0; found out quickly. */
bool mr_control_maybe(const struct mr_hello *hello, const char *at, size_t len);

/* Append wm, end or eos with its LF. */
void mr_control_write(struct mr_buf *out, const struct mr_hello *hello, const struct mr_control *c);

#endif

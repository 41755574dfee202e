/*
 * Find the wanted paths of a JSON text and validate it, in one pass, without
 * a tree and without allocation.
 *
 * Grammar: RFC 8259 and UTF-8 (RFC 3629), complete; a line is accepted where
 * jansson accepts it, but for: \u0000 (accepted), nesting (MR_SCAN_DEPTH
 * here), the range of numbers (none here), a bare scalar (accepted).
 * Meaning: jq's.  An escaped key matches ("st\u0061tus"), the last of
 * duplicate keys wins, and so a path below a key that comes again as another
 * value is looked up in the last one alone.
 */
#ifndef MR_JSON_SCAN_H
#define MR_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define MR_SCAN_DEPTH 256 /* arrays and objects inside each other */

enum mr_type {
	MR_MISSING, /* no such path; at is NULL */
	MR_NULL,
	MR_FALSE,
	MR_TRUE,
	MR_NUMBER,
	MR_STRING,
	MR_ARRAY,
	MR_OBJECT
};

/* A value as the bytes it has in the line: at[0..len-1], quotes and braces included. */
struct mr_val {
	const char *at; /* into the scanned text */
	size_t len;
	enum mr_type type;
	bool escaped; /* a string with a backslash in it */
};

struct mr_scan; /* a set of paths; immutable while it scans */

struct mr_scan *mr_scan_new(void);
void mr_scan_free(struct mr_scan *);

/*
 * Want a path: `.a`, `.a.b`, `."x y"`, `.["x y"]`, `.a[0]`, `.a[-1]`, `.`; a
 * trailing `?` on any step is accepted.
 * Return: the slot its value will have, the same for the same path; -1 err
 *         set, MR_EX_USAGE with the place in the text, for anything else.
 */
int mr_scan_path(struct mr_scan *, const char *text, struct mr_err *err);
int mr_scan_count(const struct mr_scan *); /* slots */

/* The last key of a path, NULL when it ends in an index or is `.`: what its column is called. */
const char *mr_scan_name(const struct mr_scan *, int slot);

enum {
	MR_SCAN_OBJECT = 1, /* anything but an object is refused */
	MR_SCAN_TRUSTED = 2 /* validated before: UTF-8 and numbers need no second look */
};

/*
 * Scan one line (white space around the text is allowed, CR included).
 * Shape:  vals[mr_scan_count()]; a path that is not there, or goes through
 *         something that is not an object or array, is MR_MISSING.
 * Return: 0, or -1 err set, MR_EX_DATA: `cannot parse record: unexpected '}'
 *         at byte 17` (from 1).  vals then mean nothing.
 * Reads:  at[0..len-1] and no byte beyond; so too a trusted line that is not
 *         JSON, whose values may then be nonsense, but lie within it.
 */
int mr_scan_line(const struct mr_scan *, const char *at, size_t len, unsigned flags,
    struct mr_val *vals, struct mr_err *err);

/*
 * Scan as many whole lines as are taken without a second look: what the loop
 * of a stage runs on, at memory speed.
 * Shape:  lines from *at on, each ended by LF; rows[max], vals[max * count],
 *         the values of row i at vals + i * count.
 * Return: the rows; *at is behind the last of them.  Fewer than max: *at is at
 *         `end`, at a last line without LF, or before a line to be looked at
 *         alone (blank, a BOM, refused): mr_scan_line() says what it is.
 *         An object line with CR LF is a row (the CR belongs to its len).
 * Reads:  up to MR_SCAN_PAD bytes at and behind `end`, whatever they are.
 * What it learns of the shape of lines stays in the scan: one scan a thread.
 */
#define MR_SCAN_PAD 128

struct mr_scan_row {
	const char *at;
	size_t len; /* without the LF */
};

size_t mr_scan_rows(struct mr_scan *, const char **at, const char *end, unsigned flags,
    struct mr_scan_row *rows, size_t max, struct mr_val *vals);

/*
 * The kernels: code for one kind of processor each.  MILLRACE_SIMD=plain|sse2|
 * avx2|avx512|neon forces one; one that is not there is refused.
 * Return: the name of the one in use; NULL err set, MR_EX_USAGE.
 */
const char *mr_scan_kernel(struct mr_err *err);

/*
 * The members of a validated object, or elements of a validated array (key is
 * then MR_MISSING), in their order; duplicates come as often as they stand.
 * Return: 1 a member, 0 no more.
 */
struct mr_members {
	const char *at, *end;
	bool object;
};
void mr_members_init(struct mr_members *, const struct mr_val *of);
int mr_members_next(struct mr_members *, struct mr_val *key, struct mr_val *val);

/* True if the bytes are well-formed UTF-8 (RFC 3629). */
bool mr_utf8_ok(const char *at, size_t len);

#endif

/*
 * JSON strings: from their spelling to their bytes and back.
 */
#ifndef MR_JSON_STR_H
#define MR_JSON_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "json/scan.h"

/* Append the decoded UTF-8 of a scanned (valid) string; "\u0000" gives a NUL byte. */
void mr_str_decode(const struct mr_val *string, struct mr_buf *out);

/*
 * The decoded bytes without a copy where there is no escape.
 * Return: the bytes, *len of them, not terminated.
 * Owner:  the line, or `room` when it had to be decoded; room is reset first.
 */
const char *mr_str_bytes(const struct mr_val *string, struct mr_buf *room, size_t *len);

/* True if a scanned value is a string that decodes to these bytes. */
bool mr_str_is(const struct mr_val *, const char *bytes, size_t len);

/*
 * Append a JSON string, quotes included: \" \\ \b \f \n \r \t and \u00XX for
 * other control bytes are escaped, nothing else; the bytes must be UTF-8.
 */
void mr_str_write(struct mr_buf *out, const char *at, size_t len);
/* The same as jq does it: DEL is escaped too. */
void mr_str_write_jq(struct mr_buf *out, const char *at, size_t len);

#endif

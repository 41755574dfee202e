/*
 * A Kafka record as one JSON object: kcat's envelope, made lossless.
 *
 *   {"topic":"t","partition":0,"offset":7,"tstype":"create","ts":1700000000000,"broker":1,
 *    "headers":[["n","v"],["n",null]],"key":"k","payload":"v"}
 *
 * As in kcat, headers is left out when there are none, tstype and ts when there is no
 * timestamp.  Bytes that are not UTF-8: "key_b64" or "payload_b64" in place of "key" or
 * "payload"; in a header, {"b64":"..."} in place of the string.  null is no bytes,
 * "" is zero bytes.  kcat writes headers flat, ["n","v","n",null]; both are read.
 */
#ifndef MR_KAFKA_ENVELOPE_H
#define MR_KAFKA_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct mr_kbytes {
	const char *at; /* NULL: null */
	size_t len;
};

struct mr_kheader {
	struct mr_kbytes name, value;
};

struct mr_krecord {
	struct mr_kbytes topic; /* NULL: not given */
	int32_t partition;      /* -1: not given */
	int64_t offset;         /* -1: not given */
	int64_t ts;             /* ms; -1: none */
	const char *tstype;
	int32_t broker;
	struct mr_kbytes key, payload;
	struct mr_kheader *headers;
	size_t nheaders;
};

/* Append one line without its end. */
void mr_krecord_write(struct mr_buf *out, const struct mr_krecord *);

struct mr_kreader;
struct mr_kreader *mr_kreader_new(void);
void mr_kreader_free(struct mr_kreader *);

/*
 * Read an envelope.  A payload or key that is neither string nor null stands
 * for its JSON text.
 * Return: 0, or -1 err set, MR_EX_DATA.
 * Owner:  the reader and the line, until the next call.
 */
int mr_kreader_line(struct mr_kreader *, const char *at, size_t len, bool trusted,
    struct mr_krecord *, struct mr_err *err);

#endif

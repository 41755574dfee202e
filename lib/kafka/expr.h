/*
 * An EXPR of ksink: a path of the line (it begins with a dot), a text in JSON's
 * spelling (it begins with a double quote), or else a text as it stands.
 */
#ifndef MR_KAFKA_EXPR_H
#define MR_KAFKA_EXPR_H

#include "base/buf.h"
#include "base/err.h"
#include "json/scan.h"
#include "kafka/envelope.h"

struct mr_kexpr {
	int slot;   /* of the path, or -1: the text */
	char *text; /* the holder frees it */
	size_t len;
};

int mr_kexpr_parse(struct mr_kexpr *, struct mr_scan *, const char *text, struct mr_err *err);

/*
 * What it is for a scanned line: strings decoded, null for null and nothing,
 * others as their JSON text.
 * Owner:  the expression, the line, or `room`, which must have room for what is decoded.
 */
struct mr_kbytes mr_kexpr_eval(const struct mr_kexpr *, const struct mr_val *vals,
    struct mr_buf *room);

#endif

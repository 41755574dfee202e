/*
 * Base64 with padding, RFC 4648 section 4.
 */
#ifndef MR_BASE_BASE64_H
#define MR_BASE_BASE64_H

#include <stddef.h>

#include "base/buf.h"

void mr_base64_write(struct mr_buf *out, const void *at, size_t len);

/* Append the decoded bytes; 0, or -1 (out unchanged) when it is not canonical base64. */
int mr_base64_read(struct mr_buf *out, const char *at, size_t len);

#endif

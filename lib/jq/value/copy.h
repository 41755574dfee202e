/*
 * JSON text written again without white space and as jq spells strings.
 * For lib/jq/value alone.
 */
#ifndef MR_JQ_VALUE_COPY_H
#define MR_JQ_VALUE_COPY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Append a JSON string (quotes included), spelled anew if need be. */
void mr_copy_string(struct mr_buf *out, const char *at, size_t len, bool escaped);

/*
 * Append a validated array or object in one pass.
 * Return: false, nothing appended: a key comes twice somewhere, or may do.
 */
bool mr_copy_text(struct mr_buf *out, const char *at, size_t len);

#endif

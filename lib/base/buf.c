/*
 * buf - a growing run of bytes.  Doubles, so that appending is amortized O(1).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

void
mr_buf_release(struct mr_buf *b)
{
	free(b->at);
	*b = (struct mr_buf)MR_BUF_INIT;
}

void
mr_buf_grow(struct mr_buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;

	while (cap - b->len < more)
		cap *= 2;
	if (cap != b->cap) {
		b->at = mr_xrealloc(b->at, cap);
		b->cap = cap;
	}
}

void
mr_buf_printf(struct mr_buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	mr_buf_grow(b, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(b->at + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
}

const char *
mr_buf_str(struct mr_buf *b)
{
	mr_buf_grow(b, 1);
	b->at[b->len] = '\0';
	return b->at;
}

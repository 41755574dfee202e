/*
 * A growing run of bytes.
 *
 * Shape: at[0..len-1]; at may be NULL while cap is 0.  Nothing is terminated
 *        unless mr_buf_str() is asked.
 * Owner: the holder of the struct, until mr_buf_release().
 */
#ifndef MR_BASE_BUF_H
#define MR_BASE_BUF_H

#include <stddef.h>
#include <string.h>

struct mr_buf {
	char *at;
	size_t len, cap;
};

#define MR_BUF_INIT \
	{ \
		NULL, 0, 0 \
	}

void mr_buf_release(struct mr_buf *);
void mr_buf_grow(struct mr_buf *, size_t more); /* room for `more` behind len */
void mr_buf_printf(struct mr_buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *mr_buf_str(struct mr_buf *); /* NUL-terminated, len unchanged */

static inline void
mr_buf_add(struct mr_buf *b, const void *at, size_t len)
{
	if (b->cap - b->len < len)
		mr_buf_grow(b, len);
	if (len)
		memcpy(b->at + b->len, at, len);
	b->len += len;
}

static inline void
mr_buf_addc(struct mr_buf *b, char c)
{
	if (b->cap == b->len)
		mr_buf_grow(b, 1);
	b->at[b->len++] = c;
}

static inline void
mr_buf_adds(struct mr_buf *b, const char *s)
{
	mr_buf_add(b, s, strlen(s));
}

#endif

/*
 * string - strings: bytes in a cell that grows by halves.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"
#include "json/str.h"

static struct mr_value
of_cell(struct mr_string_cell *s)
{
	return (struct mr_value){.type = MR_STRING,
	    .form = MR_CELL,
	    .u.cell = (struct mr_cell *)(void *)s};
}

static struct mr_string_cell *
new_cell(size_t room)
{
	struct mr_string_cell *s = mr_xmalloc(sizeof *s + room);

	s->head = (struct mr_cell){.holders = 1, .type = MR_STRING, .owned = true};
	s->spelling = MR_UNKNOWN;
	s->len = 0;
	s->room = room;
	return s;
}

static struct mr_value
copied(const char *at, size_t len)
{
	struct mr_string_cell *s = new_cell(len);

	if (len)
		memcpy(s->at, at, len);
	s->len = len;
	return of_cell(s);
}

/*
 * The bytes that jq takes together, for a character or for one U+FFFD: a
 * sequence as long as its first byte says, cut before what does not continue
 * it and at the end.
 */
static size_t
sequence(const unsigned char *p, const unsigned char *end, bool *ok)
{
	size_t n = *p < 0x80 ? 1 : *p < 0xc2 || *p > 0xf4 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

	*ok = mr_utf8_ok((const char *)p, n <= (size_t)(end - p) ? n : (size_t)(end - p));
	if (*ok)
		return n;
	if (n > (size_t)(end - p))
		return (size_t)(end - p);
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return i;
	return n;
}

struct mr_value
mr_value_string(const char *at, size_t len)
{
	const unsigned char *p = (const unsigned char *)(len ? at : ""), *end = p + len;
	struct mr_value v;
	size_t n;
	bool ok;

	if (len == 0 || mr_utf8_ok(at, len))
		return copied(at, len);
	v = of_cell(new_cell(len + len / 2));
	for (; p < end; p += n) {
		n = sequence(p, end, &ok);
		v = ok ? mr_value_append(v, (const char *)p, n) :
			 mr_value_append(v, "\xef\xbf\xbd", 3);
	}
	return v;
}

struct mr_value
mr_value_format(const char *fmt, ...)
{
	struct mr_value v;
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		len = 0;
	text = mr_xmalloc((size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	v = mr_value_string(text, (size_t)len);
	free(text);
	return v;
}

const char *
mr_value_bytes(const struct mr_value *v, struct mr_buf *room, size_t *len)
{
	struct mr_val text;

	if (v->form == MR_CELL || !v->escaped)
		return mr_value_raw(v, len);
	text = mr_value_text(v);
	return mr_str_bytes(&text, room, len);
}

struct mr_value
mr_value_unescaped(struct mr_value v)
{
	struct mr_buf room = MR_BUF_INIT;
	struct mr_value decoded;
	const char *at;
	size_t len;

	at = mr_value_bytes(&v, &room, &len);
	decoded = copied(at, len);
	mr_buf_release(&room);
	return decoded;
}

struct mr_value
mr_value_append(struct mr_value v, const char *at, size_t len)
{
	struct mr_string_cell *s;

	if (len == 0)
		return v;
	v = mr_value_decoded(v);
	if (v.form == MR_CELL && v.u.cell->holders == 1) {
		s = mr_string_cell(&v);
		s->spelling = MR_UNKNOWN;
		if (s->room - s->len < len) {
			s->room = (s->len + len) + (s->len + len) / 2 + 16;
			s = mr_xrealloc(s, sizeof *s + s->room);
		}
	} else {
		const char *old;
		size_t old_len;

		old = mr_value_raw(&v, &old_len);
		s = new_cell(old_len + len + (old_len + len) / 2);
		memcpy(s->at, old, old_len);
		s->len = old_len;
		mr_value_free(v);
	}
	memcpy(s->at + s->len, at, len);
	s->len += len;
	return of_cell(s);
}

int
mr_bytes_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t n = alen < blen ? alen : blen;
	int c = n ? memcmp(a, b, n) : 0;

	return c ? c : (alen > blen) - (alen < blen);
}

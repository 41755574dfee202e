/*
 * value_copy - text copied in one pass.
 *
 * Of each object the hashes of its keys are kept until it closes; a hash that
 * is there already, an escaped key, too many keys or too deep a nesting end the
 * pass, and the caller takes the object apart instead.
 */
#include <string.h>

#include "jq/value_copy.h"
#include "json/bytes.h"
#include "json/scan.h"
#include "json/str.h"

#define KEYS 192 /* of all open objects together */

typedef unsigned char byte;

struct pass {
	const byte *p, *end;
	char *out;
	struct mr_buf *buf;
	uint64_t keys[KEYS];
	size_t nkeys;
	int depth;
	byte open[MR_SCAN_DEPTH + 1];    /* the brackets */
	size_t first[MR_SCAN_DEPTH + 1]; /* key of the object, where they begin */
};

/*
 * The closing quote of a string, p behind the opening one; end when there is
 * none.  *odd: there is a backslash or a DEL.
 */
static const byte *
string_end(const byte *p, const byte *end, bool *odd)
{
	uint64_t x, found;

	*odd = false;
	while (p < end) {
		if (end - p >= 8) {
			x = mr_load8(p);
			found = mr_first_of(x, '"') | mr_first_of(x, '\\') | mr_first_of(x, 0x7f);
			if (!found) {
				p += 8;
				continue;
			}
			p += mr_first_byte(found);
		}
		if (*p == '"')
			return p;
		if (*p == '\\' || *p == 0x7f)
			*odd = true;
		p += *p == '\\' ? 2 : 1;
	}
	return end;
}

void
mr_copy_string(struct mr_buf *out, const char *at, size_t len, bool escaped)
{
	struct mr_val string = {at, len, MR_STRING, escaped};
	struct mr_buf room = MR_BUF_INIT;
	const char *bytes;
	size_t n;

	if (!escaped && !memchr(at, 0x7f, len)) {
		mr_buf_add(out, at, len);
		return;
	}
	bytes = mr_str_bytes(&string, &room, &n);
	mr_str_write_jq(out, bytes, n);
	mr_buf_release(&room);
}

/* A string that is to be spelled anew, behind what is copied so far. */
static void
respell(struct pass *s, const byte *at, const byte *end)
{
	s->buf->len = (size_t)(s->out - s->buf->at);
	mr_copy_string(s->buf, (const char *)at, (size_t)(end - at), true);
	mr_buf_grow(s->buf, (size_t)(s->end - end));
	s->out = s->buf->at + s->buf->len;
}

/* Some hash of a key: any two that are equal have the same. */
static uint64_t
key_hash(const byte *at, size_t len)
{
	uint64_t x = len * 0x9e3779b97f4a7c15u, y = 0;

	for (; len > 8; at += 8, len -= 8)
		x = (x ^ mr_load8(at)) * 0xff51afd7ed558ccdu;
	memcpy(&y, at, len);
	x = (x ^ y) * 0xc4ceb9fe1a85ec53u;
	return x ^ x >> 29;
}

/* Take a string; false if the pass must end. */
static bool
take_string(struct pass *s)
{
	const byte *at = s->p, *close;
	bool odd, is_key;
	uint64_t hash;

	close = string_end(at + 1, s->end, &odd);
	if (close == s->end)
		return false;
	s->p = close + 1;
	is_key = s->depth > 0 && s->open[s->depth] == '{' &&
	    (s->out[-1] == '{' || s->out[-1] == ',');
	if (is_key) {
		if (odd || s->nkeys == KEYS)
			return false;
		hash = key_hash(at + 1, (size_t)(close - at - 1));
		for (size_t i = s->first[s->depth]; i < s->nkeys; i++)
			if (s->keys[i] == hash)
				return false;
		s->keys[s->nkeys++] = hash;
	}
	if (odd) {
		respell(s, at, s->p);
		return true;
	}
	memcpy(s->out, at, (size_t)(s->p - at));
	s->out += s->p - at;
	return true;
}

static bool
copy(struct pass *s)
{
	while (s->p < s->end) {
		byte c = *s->p;

		switch (c) {
		case '"':
			if (!take_string(s))
				return false;
			continue;
		case '{':
		case '[':
			if (++s->depth > MR_SCAN_DEPTH)
				return false;
			s->open[s->depth] = c;
			s->first[s->depth] = s->nkeys;
			break;
		case '}':
		case ']':
			if (s->depth == 0)
				return false;
			s->nkeys = s->first[s->depth--];
			break;
		case ' ':
		case '\t':
		case '\r':
		case '\n': s->p++; continue;
		default: break;
		}
		*s->out++ = (char)c;
		s->p++;
	}
	return true;
}

bool
mr_copy_text(struct mr_buf *out, const char *at, size_t len)
{
	size_t start = out->len;
	struct pass s;

	mr_buf_grow(out, len + 1);
	s.p = (const byte *)at;
	s.end = s.p + len;
	s.out = out->at + out->len;
	s.buf = out;
	s.nkeys = 0;
	s.depth = 0;
	if (!copy(&s)) {
		out->len = start;
		return false;
	}
	out->len = (size_t)(s.out - out->at);
	return true;
}

/*
 * str - strings decoded and written.
 *
 * Decoding takes a scanned string at its word, but stays within its bytes
 * whatever they are, because a trusted line is not looked at twice: a broken
 * escape gives U+FFFD.
 */
#include <string.h>

#include "json/bytes.h"
#include "json/str.h"

typedef unsigned char byte;

static const char hex[16] = "0123456789abcdef";

/* One UTF-16 unit from four hex digits, -1 if there are none. */
static int32_t
unit(const byte *p, const byte *end)
{
	int32_t n = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		byte c = p[i];

		if (c >= '0' && c <= '9')
			n = n * 16 + c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			n = n * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return n;
}

static size_t
put_utf8(uint32_t c, byte out[4])
{
	if (c < 0x80) {
		out[0] = (byte)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (byte)(0xc0 | c >> 6);
		out[1] = (byte)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (byte)(0xe0 | c >> 12);
		out[1] = (byte)(0x80 | (c >> 6 & 0x3f));
		out[2] = (byte)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (byte)(0xf0 | c >> 18);
	out[1] = (byte)(0x80 | (c >> 12 & 0x3f));
	out[2] = (byte)(0x80 | (c >> 6 & 0x3f));
	out[3] = (byte)(0x80 | (c & 0x3f));
	return 4;
}

/* The character of \uXXXX or of two, *p behind the u and then behind it all. */
static uint32_t
escaped_char(const byte **p, const byte *end)
{
	int32_t high = unit(*p, end), low;

	if (high < 0)
		return 0xfffd;
	*p += 4;
	if (high < 0xd800 || high > 0xdfff)
		return (uint32_t)high;
	if (high > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return 0xfffd;
	low = unit(*p + 2, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*p += 6;
	return 0x10000 + ((uint32_t)(high - 0xd800) << 10 | (uint32_t)(low - 0xdc00));
}

/* Decode the escape at *p, which is behind its backslash; *p comes behind it. */
static size_t
escape(const byte **p, const byte *end, byte out[4])
{
	byte c = *(*p)++;

	switch (c) {
	case 'b': c = '\b'; break;
	case 'f': c = '\f'; break;
	case 'n': c = '\n'; break;
	case 'r': c = '\r'; break;
	case 't': c = '\t'; break;
	case 'u': return put_utf8(escaped_char(p, end), out);
	default: break; /* " \ / stand for themselves */
	}
	out[0] = c;
	return 1;
}

/* The bytes between the quotes. */
static const byte *
inside(const struct mr_val *string, const byte **end)
{
	const byte *at = (const byte *)string->at;
	size_t len = string->len;

	*end = len < 2 ? at : at + len - 1;
	return len < 2 ? at : at + 1;
}

void
mr_str_decode(const struct mr_val *string, struct mr_buf *out)
{
	const byte *end, *p = inside(string, &end), *slash;
	byte room[4];

	while (p < end) {
		slash = memchr(p, '\\', (size_t)(end - p));
		mr_buf_add(out, p, (size_t)((slash ? slash : end) - p));
		if (!slash || slash + 1 == end)
			return;
		p = slash + 1;
		mr_buf_add(out, room, escape(&p, end, room));
	}
}

const char *
mr_str_bytes(const struct mr_val *string, struct mr_buf *room, size_t *len)
{
	const byte *end, *p = inside(string, &end);

	room->len = 0;
	if (!string->escaped) {
		*len = (size_t)(end - p);
		return (const char *)p;
	}
	mr_buf_grow(room, 1); /* never NULL, also for an empty string */
	mr_str_decode(string, room);
	*len = room->len;
	return room->at;
}

bool
mr_str_is(const struct mr_val *val, const char *bytes, size_t len)
{
	const byte *end, *p = inside(val, &end);
	const byte *want = (const byte *)bytes, *want_end = want + len;
	byte room[4];
	size_t n;

	if (val->type != MR_STRING)
		return false;
	if (!val->escaped)
		return (size_t)(end - p) == len && memcmp(p, bytes, len) == 0;
	while (p < end) {
		n = 1;
		room[0] = *p++;
		if (room[0] == '\\') {
			if (p == end)
				break;
			n = escape(&p, end, room);
		}
		if ((size_t)(want_end - want) < n || memcmp(want, room, n) != 0)
			return false;
		want += n;
	}
	return want == want_end;
}

/* Up to seven bytes, the first one lowest. */
static uint64_t
load_few(const byte *p, size_t n)
{
	uint64_t x = 0;

	if (n & 4) {
		for (int i = 0; i < 4; i++)
			x |= (uint64_t)p[i] << 8 * i;
		p += 4;
	}
	for (size_t i = n & 4; i < n; i++)
		x |= (uint64_t)*p++ << 8 * i;
	return x;
}

/* The high bit of the first byte that must be escaped is set, `also` among them. */
static uint64_t
odd_bytes(uint64_t x, byte also)
{
	return mr_first_of(x, '"') | mr_first_of(x, '\\') | mr_first_of(x, also) |
	    ((x - MR_EACH(0x20)) & ~x & MR_EACH(0x80));
}

/*
 * Append what needs no escape, up to eight bytes too many behind *to.
 * Return: the first byte that does, or end.
 */
static inline const byte *
copy_plain(char **to, const byte *p, const byte *end, byte also)
{
	uint64_t x, odd;
	size_t n;

	for (; end - p >= 8; p += 8, *to += 8) {
		x = mr_load8(p);
		mr_store8(*to, x);
		if ((odd = odd_bytes(x, also))) {
			n = mr_first_byte(odd);
			*to += n;
			return p + n;
		}
	}
	if (p == end)
		return p;
	x = load_few(p, (size_t)(end - p)) |
	    MR_EACH(' ') << 8 * (end - p); /* filled with what is plain */
	mr_store8(*to, x);
	odd = odd_bytes(x, also);
	n = odd ? mr_first_byte(odd) : (size_t)(end - p);
	*to += n;
	return p + n;
}

static char *
escape_byte(char *to, byte c)
{
	static const char letters[0x20] =
	    {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

	*to++ = '\\';
	if (c == '"' || c == '\\') {
		*to++ = (char)c;
	} else if (c < 0x20 && letters[c]) {
		*to++ = letters[c];
	} else {
		memcpy(to, "u00", 3);
		to[3] = hex[c >> 4];
		to[4] = hex[c & 15];
		to += 5;
	}
	return to;
}

static void
write_escaped(struct mr_buf *out, const byte *p, const byte *end, byte also)
{
	char *to;

	for (bool first = true;; first = false) {
		size_t room = (size_t)(end - p) + 16; /* quotes, an escape, and what is too much */

		if (out->cap - out->len < room)
			mr_buf_grow(out, room);
		to = out->at + out->len;
		if (first)
			*to++ = '"';
		p = copy_plain(&to, p, end, also);
		if (p == end)
			break;
		to = escape_byte(to, *p++);
		out->len = (size_t)(to - out->at);
	}
	*to++ = '"';
	out->len = (size_t)(to - out->at);
}

void
mr_str_write(struct mr_buf *out, const char *at, size_t len)
{
	at = len ? at : ""; /* nothing may be at NULL */
	write_escaped(out, (const byte *)at, (const byte *)at + len, '"');
}

void
mr_str_write_jq(struct mr_buf *out, const char *at, size_t len)
{
	at = len ? at : ""; /* nothing may be at NULL */
	write_escaped(out, (const byte *)at, (const byte *)at + len, 0x7f);
}

/*
 * scan - one walk over a line that validates it and fills in the wanted paths.
 *
 * The walk is a loop over values with a stack of open arrays and objects; each
 * carries the node of the path tree that is wanted of it, if any.  A value
 * that a wanted key leads to first forgets what an earlier one under the same
 * key left behind: so the last duplicate wins, with all that is below it.
 *
 * An index from the end is known when its array closes: the element is then
 * walked again under its node.  Such a walk is one call deeper on the C stack
 * and uses the same stack of open values, so both have MR_SCAN_DEPTH levels.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json/bytes.h"
#include "json/path.h"
#include "json/scan.h"
#include "json/str.h"

enum class {
	C_OTHER,
	C_SPACE,
	C_DIGIT, /* and minus: what begins a number */
	C_STRING,
	C_WORD,
	C_OPEN,
};

static const unsigned char class[256] = {
    [' '] = C_SPACE,
    ['\t'] = C_SPACE,
    ['\r'] = C_SPACE,
    ['\n'] = C_SPACE,
    ['-'] = C_DIGIT,
    ['0'] = C_DIGIT,
    ['1'] = C_DIGIT,
    ['2'] = C_DIGIT,
    ['3'] = C_DIGIT,
    ['4'] = C_DIGIT,
    ['5'] = C_DIGIT,
    ['6'] = C_DIGIT,
    ['7'] = C_DIGIT,
    ['8'] = C_DIGIT,
    ['9'] = C_DIGIT,
    ['"'] = C_STRING,
    ['t'] = C_WORD,
    ['f'] = C_WORD,
    ['n'] = C_WORD,
    ['{'] = C_OPEN,
    ['['] = C_OPEN,
};

typedef unsigned char byte;

struct level { /* an open array or object */
	const struct mr_path_node *node;
	const byte *start;
	int64_t index; /* of the element in an array */
	byte closer;
};

struct walk {
	const struct mr_scan *scan;
	const byte *at, *end;
	struct mr_val *vals;
	struct mr_err *err;
	struct level level[MR_SCAN_DEPTH + 1]; /* [0] stands for the line itself */
};

/* Each refusal returns NULL, so that a walker passes it on by its result. */
__attribute__((cold, noinline, format(printf, 3, 4))) static const byte *
fail(const struct walk *w, const byte *p, const char *fmt, ...)
{
	char why[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	mr_err_set(w->err, MR_EX_DATA, "cannot parse record: %s at byte %zu", why,
	    (size_t)(p - w->at) + 1);
	return NULL;
}

__attribute__((cold, noinline)) static const byte *
unexpected(const struct walk *w, const byte *p)
{
	int n = 0;

	if (p >= w->end)
		return fail(w, w->end, "unexpected end");
	while (n < 16 && n < w->end - p && ((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'z'))
		n++;
	if (n > 1)
		return fail(w, p, "unexpected '%.*s'", n, (const char *)p);
	if (*p == '\'')
		return fail(w, p, "unexpected single quote");
	if (*p > 0x20 && *p < 0x7f)
		return fail(w, p, "unexpected '%c'", *p);
	return fail(w, p, "unexpected byte 0x%02x", *p);
}

__attribute__((noinline)) static const byte *
skip_space(const byte *p, const byte *end)
{
	while (p < end && class[*p] == C_SPACE)
		p++;
	return p;
}

static inline const byte *
space(const byte *p, const byte *end)
{
	return p < end && *p <= ' ' ? skip_space(p, end) : p;
}

/*
 * The high bit of the first byte that ends the plain part of a string is set,
 * and of none before it.  A quote or backslash made 0 borrows when 1 is taken,
 * a control byte when 0x20 is; what borrows falsely follows a true one.
 */
static inline uint64_t
first_odd(uint64_t x, bool trusted)
{
	uint64_t odd = ((x ^ MR_EACH('"')) - MR_EACH(1)) | ((x ^ MR_EACH('\\')) - MR_EACH(1));

	if (trusted)
		odd &= ~x;
	else
		odd |= (x - MR_EACH(0x20)) | x; /* control, or not ASCII */
	return odd & MR_EACH(0x80);
}

static inline bool
is_odd(byte b, bool trusted)
{
	return b == '"' || b == '\\' || (!trusted && (b < 0x20 || b >= 0x80));
}

/* Four hex digits, or -1. */
static int
hex4(const byte *p, const byte *end)
{
	int n = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int c = p[i] | 0x20;

		if (c >= '0' && c <= '9' && p[i] >= '0')
			n = n * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + c - 'a' + 10;
		else
			return -1;
	}
	return n;
}

/* An escape at p, a backslash and a byte at least; p behind it is returned. */
static const byte *
escape(const struct walk *w, const byte *p)
{
	int unit;

	if (p[1] != 'u') {
		if (p[1] && strchr("\"\\/bfnrt", p[1]))
			return p + 2;
		return fail(w, p, "malformed escape");
	}
	unit = hex4(p + 2, w->end);
	if (unit < 0)
		return fail(w, p, "malformed escape");
	if (unit < 0xd800 || unit > 0xdfff)
		return p + 6;
	if (unit <= 0xdbff && w->end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
		unit = hex4(p + 8, w->end);
		if (unit >= 0xdc00 && unit <= 0xdfff)
			return p + 12;
	}
	return fail(w, p, "lone surrogate");
}

/* What is not a plain byte of a string, at p; p behind it is returned. */
static const byte *
odd_part(const struct walk *w, const byte *p, bool *escaped, bool trusted)
{
	size_t n;

	if (*p == '\\') {
		*escaped = true;
		if (w->end - p < 2)
			return w->end;
		return trusted ? p + 2 : escape(w, p);
	}
	if (*p < 0x20)
		return fail(w, p, "unescaped control byte 0x%02x", *p);
	for (; p < w->end && *p >= 0x80; p += n)
		if (!(n = mr_utf8_char(p, w->end)))
			return fail(w, p, "invalid UTF-8");
	return p;
}

/* The rest of a string, p behind its opening quote; the closing quote is returned. */
static inline __attribute__((always_inline)) const byte *
string(const struct walk *w, const byte *p, bool *escaped, bool trusted)
{
	const byte *start = p;
	uint64_t odd;

	for (;;) {
		odd = 0;
		while (w->end - p >= 8 && !(odd = first_odd(mr_load8(p), trusted)))
			p += 8;
		if (odd)
			p += mr_first_byte(odd);
		else
			while (p < w->end && !is_odd(*p, trusted))
				p++;
		if (p == w->end)
			return fail(w, start - 1, "unterminated string");
		if (*p == '"')
			return p;
		if (!(p = odd_part(w, p, escaped, trusted)))
			return NULL;
	}
}

static inline bool
is_digit(const byte *p, const byte *end)
{
	return p < end && (unsigned)(*p - '0') <= 9;
}

/*
 * Behind the digits at p, if any.  Byte by byte: numbers are short, and the
 * processor guesses ahead where they end, which it cannot do of a place computed.
 */
static inline const byte *
digits(const byte *p, const byte *end)
{
	while (is_digit(p, end))
		p++;
	return p;
}

static inline __attribute__((always_inline)) const byte *
number(const struct walk *w, const byte *p, bool trusted)
{
	const byte *end = w->end, *start;

	if (trusted) {
		for (p++; p < end &&
		     (class[*p] == C_DIGIT || *p == '.' || *p == '+' || (*p | 0x20) == 'e');)
			p++;
		return p;
	}
	p += *p == '-';
	start = p;
	p = digits(p, end);
	if (p == start)
		return unexpected(w, p);
	if (*start == '0' && p - start > 1)
		return fail(w, start, "number with a leading zero");
	if (p < end && *p == '.') {
		start = ++p;
		p = digits(p, end);
		if (p == start)
			return unexpected(w, p);
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		start = p;
		p = digits(p, end);
		if (p == start)
			return unexpected(w, p);
	}
	return p;
}

static inline const byte *
word(const struct walk *w, const byte *p, enum mr_type *type)
{
	static const struct {
		char text[6];
		byte len;
		byte type;
	} words[3] = {{"true", 4, MR_TRUE}, {"null", 4, MR_NULL}, {"false", 5, MR_FALSE}};
	int i = *p == 't' ? 0 : *p == 'n' ? 1 : 2;

	if (w->end - p < words[i].len || memcmp(p, words[i].text, words[i].len) != 0)
		return unexpected(w, p);
	*type = words[i].type;
	return p + words[i].len;
}

/* From the quote of a key over its colon; *node becomes what is wanted of the value. */
static inline __attribute__((always_inline)) const byte *
member(const struct walk *w, const byte *p, const struct mr_path_node *of,
    const struct mr_path_node **node, bool trusted)
{
	const byte *key = p + 1;
	bool escaped = false;

	if (p == w->end || *p != '"')
		return unexpected(w, p);
	if (!(p = string(w, key, &escaped, trusted)))
		return NULL;
	*node = NULL;
	if (of && of->nkeys)
		*node = escaped ? mr_path_escaped_key(of, key, (size_t)(p - key)) :
				  mr_path_key(of, key, (size_t)(p - key), w->end);
	p = space(p + 1, w->end);
	if (p == w->end || *p != ':')
		return unexpected(w, p);
	return p + 1;
}

static inline void
record(const struct walk *w, const struct mr_path_node *node, const byte *start, const byte *p,
    enum mr_type type, bool escaped)
{
	if (node && node->slot >= 0)
		w->vals[node->slot] = (struct mr_val){(const char *)start, (size_t)(p - start),
		    type, escaped};
}

/* A value comes below node: what an earlier one of the same key had there is gone. */
static inline void
forget(const struct walk *w, const struct mr_path_node *node)
{
	for (int i = node->lo; i < node->hi; i++)
		w->vals[w->scan->order[i]] = (struct mr_val){NULL, 0, MR_MISSING, false};
}

static const byte *from_end(struct walk *w, struct level *lv, const byte *p, bool trusted);

/* Behind the closer of lv at p: its value is complete. */
static inline const byte *
close_level(struct walk *w, struct level *lv, const byte *p, bool trusted)
{
	const struct mr_path_node *node = lv->node;

	p++;
	if (!node)
		return p;
	record(w, node, lv->start, p, lv->closer == '}' ? MR_OBJECT : MR_ARRAY, false);
	if (node->nnegative && lv->closer == ']')
		return from_end(w, lv, p, trusted);
	return p;
}

static inline __attribute__((always_inline)) const byte *
scalar(const struct walk *w, const byte *p, const struct mr_path_node *node, bool trusted)
{
	const byte *start = p;
	enum mr_type type = MR_STRING;
	bool escaped = false;

	switch (class[*p]) {
	case C_STRING:
		p = string(w, p + 1, &escaped, trusted);
		if (p) /* null + 0 is undefined, and clang traps it */
			p++;
		break;
	case C_DIGIT:
		type = MR_NUMBER;
		p = number(w, p, trusted);
		break;
	case C_WORD: p = word(w, p, &type); break;
	default: return unexpected(w, p);
	}
	if (p)
		record(w, node, start, p, type, escaped);
	return p;
}

/*
 * Walk one value, p before it, wanted as node; p behind it is returned.
 * Invariant of the loop: a value is due at p, directly inside *lv.
 */
static inline __attribute__((always_inline)) const byte *
walk(struct walk *w, const byte *p, const struct mr_path_node *node, struct level *lv, bool trusted)
{
	struct level *const floor = lv;
	const byte *const end = w->end;

	for (;;) {
		p = space(p, end);
		if (p == end)
			return unexpected(w, p);
		if (node && node->lo < node->hi)
			forget(w, node);
		if (class[*p] == C_OPEN) {
			if (lv == w->level + MR_SCAN_DEPTH)
				return fail(w, p, "nested deeper than %d", MR_SCAN_DEPTH);
			*++lv = (struct level){node, p, 0, *p == '{' ? '}' : ']'};
			p = space(p + 1, end);
			if (p < end && *p == lv->closer)
				lv->index = -1; /* empty: closed below */
			else if (lv->closer == ']') {
				node = mr_path_elem(lv->node, 0);
				continue;
			} else {
				if (!(p = member(w, p, lv->node, &node, trusted)))
					return NULL;
				continue;
			}
		} else if (!(p = scalar(w, p, node, trusted)))
			return NULL;
		for (;;) { /* a value is complete, or lv is empty */
			if (lv == floor)
				return p;
			p = space(p, end);
			if (p == end)
				return unexpected(w, p);
			if (*p == ',')
				break;
			if (*p != lv->closer)
				return unexpected(w, p);
			if (!(p = close_level(w, lv--, p, trusted)))
				return NULL;
		}
		p++;
		if (lv->closer == ']')
			node = mr_path_elem(lv->node, ++lv->index);
		else if (!(p = member(w, space(p, end), lv->node, &node, trusted)))
			return NULL;
	}
}

static const byte *
walk_full(struct walk *w, const byte *p, const struct mr_path_node *node, struct level *lv)
{
	return walk(w, p, node, lv, false);
}

static const byte *
walk_trusted(struct walk *w, const byte *p, const struct mr_path_node *node, struct level *lv)
{
	return walk(w, p, node, lv, true);
}

/* The elements of a closed array that are counted from its end, p behind it. */
static const byte *
from_end(struct walk *w, struct level *lv, const byte *p, bool trusted)
{
	const struct mr_path_node *n = lv->node;
	struct mr_val array = {(const char *)lv->start, (size_t)(p - lv->start), MR_ARRAY, false};
	struct mr_val key, val;
	struct mr_members m;
	int64_t count = lv->index + 1, i = 0;

	mr_members_init(&m, &array);
	for (size_t want = 0; want < n->nnegative; want++) {
		int64_t from_start = count + n->elems[want]->index;
		const byte *q;

		if (from_start < 0)
			continue;
		for (; i <= from_start; i++) /* they are ordered: one pass meets them all */
			if (!mr_members_next(&m, &key, &val))
				return p;
		q = (const byte *)val.at;
		q = trusted ? walk_trusted(w, q, n->elems[want], lv - 1) :
			      walk_full(w, q, n->elems[want], lv - 1);
		if (!q)
			return NULL;
	}
	return p;
}

int
mr_scan_line(const struct mr_scan *scan, const char *at, size_t len, unsigned flags,
    struct mr_val *vals, struct mr_err *err)
{
	struct walk w;
	const byte *p = (const byte *)at;

	w.scan = scan;
	w.at = p;
	w.end = p + len;
	w.vals = vals;
	w.err = err;
	p = flags & MR_SCAN_TRUSTED ? walk_trusted(&w, p, scan->root, w.level) :
				      walk_full(&w, p, scan->root, w.level);
	if (!p)
		return -1;
	p = space(p, w.end);
	if (p != w.end)
		return unexpected(&w, p), -1;
	if (flags & MR_SCAN_OBJECT && *space(w.at, w.end) != '{')
		return mr_err_set(err, MR_EX_DATA, "cannot parse record: not an object");
	return 0;
}

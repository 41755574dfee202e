/*
 * members - step over what a validated object or array holds, and UTF-8 alone.
 *
 * Nothing is validated again, but whatever the bytes are, none beyond the end
 * is read: of a trusted line that was not JSON the members are nonsense.
 */
#include "json/bytes.h"
#include "json/scan.h"

typedef unsigned char byte;

/* The closing quote of a string, p behind the opening one; end when there is none. */
static const byte *
string_end(const byte *p, const byte *end, bool *escaped)
{
	uint64_t odd;

	*escaped = false;
	while (p < end) {
		if (end - p >= 8) {
			odd = mr_load8(p);
			odd = mr_first_of(odd, '"') | mr_first_of(odd, '\\');
			if (!odd) {
				p += 8;
				continue;
			}
			p += mr_first_byte(odd);
		}
		if (*p == '"')
			return p;
		if (*p == '\\') {
			*escaped = true;
			p++;
		}
		p++;
	}
	return end;
}

/* Behind the array or object at p; end when it is not closed. */
static const byte *
nested_end(const byte *p, const byte *end)
{
	size_t depth = 0;
	bool escaped;

	for (; p < end; p++) {
		if (*p == '"') {
			p = string_end(p + 1, end, &escaped);
			if (p == end)
				break;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if ((*p == '}' || *p == ']') && --depth == 0) {
			return p + 1;
		}
	}
	return end;
}

static bool
ends_scalar(byte c)
{
	return c <= ' ' || c == ',' || c == ']' || c == '}';
}

/* The value at p; what is behind it is returned, end too when the value has no end. */
static const byte *
value(const byte *p, const byte *end, struct mr_val *val)
{
	const byte *start = p;

	val->escaped = false;
	switch (*p) {
	case '"':
		val->type = MR_STRING;
		p = string_end(p + 1, end, &val->escaped);
		p += p < end;
		break;
	case '{':
	case '[':
		val->type = *p == '{' ? MR_OBJECT : MR_ARRAY;
		p = nested_end(p, end);
		break;
	default:
		val->type = *p == 't' ? MR_TRUE :
		    *p == 'f'         ? MR_FALSE :
		    *p == 'n'         ? MR_NULL :
					MR_NUMBER;
		while (p < end && !ends_scalar(*p))
			p++;
	}
	val->at = (const char *)start;
	val->len = (size_t)(p - start);
	return p;
}

static const byte *
skip(const byte *p, const byte *end, byte also)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n' || *p == also))
		p++;
	return p;
}

void
mr_members_init(struct mr_members *m, const struct mr_val *of)
{
	m->object = of->type == MR_OBJECT;
	m->at = of->at;
	m->end = of->at;
	if ((m->object || of->type == MR_ARRAY) && of->len >= 2) {
		m->at++; /* between the braces */
		m->end += of->len - 1;
	}
}

int
mr_members_next(struct mr_members *m, struct mr_val *key, struct mr_val *val)
{
	const byte *end = (const byte *)m->end, *p = skip((const byte *)m->at, end, ',');

	*key = (struct mr_val){NULL, 0, MR_MISSING, false};
	m->at = m->end; /* no more, unless all is well */
	if (p == end)
		return 0;
	if (m->object) {
		if (*p != '"')
			return 0;
		p = skip(value(p, end, key), end, ':');
		if (p == end)
			return 0;
	}
	m->at = (const char *)value(p, end, val);
	return m->at != (const char *)p;
}

bool
mr_utf8_ok(const char *at, size_t len)
{
	const byte *p = (const byte *)at, *end = len ? p + len : p; /* nothing may be at NULL */
	size_t n;

	while (p < end) {
		if (end - p >= 8 && !(mr_load8(p) & MR_EACH(0x80))) {
			p += 8;
		} else if (*p < 0x80) {
			p++;
		} else {
			if (!(n = mr_utf8_char(p, end)))
				return false;
			p += n;
		}
	}
	return true;
}

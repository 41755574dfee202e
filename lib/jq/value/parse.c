/*
 * parse - one JSON text into a value, with jq's liberties and errors.
 *
 * The order in which things are found wrong is jq's: a literal is judged when
 * the byte behind it is seen, a string at its closing quote.  What is open lies
 * in a stack: arrays, and objects each with its pending key above it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"
#include "json/bytes.h"
#include "json/str.h"

struct parser {
	const char *text, *start, *p,
	    *end;             /* start: behind a BOM; what is before p has been seen */
	struct mr_value next; /* a value that has no place yet; MR_MISSING: none */
	struct mr_value *stack;
	size_t depth, room;
	struct mr_buf buf;
	bool at_eof;
	const char *wrong; /* what jq says */
};

static int
fail(struct parser *s, const char *wrong)
{
	s->wrong = wrong;
	return -1;
}

static struct mr_value *
top(struct parser *s)
{
	return s->depth ? &s->stack[s->depth - 1] : NULL;
}

static uint8_t
top_type(struct parser *s)
{
	return s->depth ? s->stack[s->depth - 1].type : MR_MISSING;
}

static struct mr_value
take_next(struct parser *s)
{
	struct mr_value v = s->next;

	s->next = MR_VALUE_NONE;
	return v;
}

static int
value(struct parser *s, struct mr_value v)
{
	if (s->next.type != MR_MISSING) {
		mr_value_free(v);
		return fail(s, "Expected separator between values");
	}
	s->next = v;
	return 0;
}

static void
push(struct parser *s, struct mr_value v)
{
	if (s->depth == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->stack = mr_xrealloc(s->stack, s->room * sizeof *s->stack);
	}
	s->stack[s->depth++] = v;
}

static int
open_container(struct parser *s, struct mr_value v)
{
	const char *wrong = s->depth >= MR_VALUE_DEPTH ? "Exceeds depth limit for parsing" :
	    s->next.type != MR_MISSING                 ? "Expected separator between values" :
							 NULL;

	if (wrong) {
		mr_value_free(v);
		return fail(s, wrong);
	}
	push(s, v);
	return 0;
}

/* The value that is next goes to the key on top, in the object below. */
static void
set_member(struct parser *s)
{
	struct mr_value key = s->stack[--s->depth];

	*top(s) = mr_value_set_member(*top(s), key, take_next(s));
}

static int
colon(struct parser *s)
{
	if (s->next.type == MR_MISSING)
		return fail(s, "Expected string key before ':'");
	if (top_type(s) != MR_OBJECT)
		return fail(s, "':' not as part of an object");
	if (s->next.type != MR_STRING)
		return fail(s, "Object keys must be strings");
	push(s, take_next(s));
	return 0;
}

static int
comma(struct parser *s)
{
	if (s->next.type == MR_MISSING)
		return fail(s, "Expected value before ','");
	if (s->depth == 0)
		return fail(s, "',' not as part of an object or array");
	if (top_type(s) == MR_ARRAY)
		*top(s) = mr_value_push(*top(s), take_next(s));
	else if (top_type(s) == MR_STRING)
		set_member(s);
	else
		return fail(s, "Objects must consist of key:value pairs");
	return 0;
}

static int
close_array(struct parser *s)
{
	if (top_type(s) != MR_ARRAY)
		return fail(s, "Unmatched ']'");
	if (s->next.type != MR_MISSING)
		*top(s) = mr_value_push(*top(s), take_next(s));
	else if (mr_value_count(top(s)) != 0)
		return fail(s, "Expected another array element");
	s->next = s->stack[--s->depth];
	return 0;
}

static int
close_object(struct parser *s)
{
	if (s->depth == 0)
		return fail(s, "Unmatched '}'");
	if (s->next.type != MR_MISSING) {
		if (top_type(s) != MR_STRING)
			return fail(s, "Objects must consist of key:value pairs");
		set_member(s);
	} else if (top_type(s) != MR_OBJECT) {
		return fail(s, "Unmatched '}'");
	} else if (mr_value_count(top(s)) != 0) {
		return fail(s, "Expected another key-value pair");
	}
	s->next = s->stack[--s->depth];
	return 0;
}

static int
structure(struct parser *s, char c)
{
	switch (c) {
	case '[': return open_container(s, mr_value_array(4));
	case '{': return open_container(s, mr_value_object(4));
	case ':': return colon(s);
	case ',': return comma(s);
	case ']': return close_array(s);
	default: return close_object(s);
	}
}

static bool
hex4(const char *p)
{
	for (int i = 0; i < 4; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
			((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')))
			return false;
	return true;
}

/* Of a surrogate: 'h' high, 'l' low, 0 none.  p at the digits. */
static char
surrogate(const char *p)
{
	if (p[0] != 'd' && p[0] != 'D')
		return 0;
	switch (p[1] | 0x20) {
	case '8':
	case '9':
	case 'a':
	case 'b': return 'h';
	case 'c':
	case 'd':
	case 'e':
	case 'f': return 'l';
	default: return 0;
	}
}

/* What jq says of the escape at p, which is behind the backslash; *next: behind it. */
static const char *
bad_escape(const char *p, const char *end, const char **next)
{
	*next = p + 1;
	if (p == end)
		return "Expected escape character at end of string";
	if (*p != 'u')
		return *p && strchr("\\\"/bftnr", *p) ? NULL : "Invalid escape";
	p++;
	if (end - p < 4)
		return "Invalid \\uXXXX escape";
	if (!hex4(p))
		return "Invalid characters in \\uXXXX escape";
	*next = p + 4;
	if (surrogate(p) != 'h')
		return NULL;
	p += 4;
	if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !hex4(p + 2) || surrogate(p + 2) != 'l')
		return "Invalid \\uXXXX\\uXXXX surrogate pair escape";
	*next = p + 6;
	return NULL;
}

/* Judge the bytes between the quotes. */
static const char *
bad_string(const char *p, const char *end)
{
	const char *wrong;

	while (p < end) {
		if (*p == '\\') {
			if ((wrong = bad_escape(p + 1, end, &p)))
				return wrong;
		} else if ((unsigned char)*p < 0x20) {
			return "Invalid string: control characters from U+0000 through U+001F must be "
			       "escaped";
		} else {
			p++;
		}
	}
	return NULL;
}

/* The first quote, backslash or control byte at or behind p. */
static const char *
skip_plain(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t x = mr_load8(p),
			 odd = mr_first_of(x, '"') | mr_first_of(x, '\\') |
		    ((x - MR_EACH(0x20)) & ~x & MR_EACH(0x80));

		if (odd)
			return p + mr_first_byte(odd);
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

/* A string, p behind its opening quote. */
static int
string(struct parser *s)
{
	const char *at = s->p, *p = at, *wrong;
	struct mr_val text = {NULL, 0, MR_STRING, false};
	bool plain = true;

	for (; (p = skip_plain(p, s->end)) < s->end && *p != '"'; p++) {
		if (*p == '\\') {
			text.escaped = true;
			if (++p == s->end)
				break;
		} else {
			plain = false;
		}
	}
	s->p = p < s->end ? p + 1 : s->end;
	if (p >= s->end) {
		s->at_eof = true;
		return fail(s, "Unfinished string");
	}
	if ((!plain || text.escaped) && (wrong = bad_string(at, p)))
		return fail(s, wrong);
	if (!text.escaped)
		return value(s, mr_value_string(at, (size_t)(p - at)));
	text.at = at - 1;
	text.len = (size_t)(p - at) + 2;
	s->buf.len = 0;
	mr_str_decode(&text, &s->buf);
	return value(s, mr_value_string(s->buf.at, s->buf.len));
}

static bool
is_word(const char *at, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(at, word, len) == 0;
}

/* A run of bytes that are neither space nor structure. */
static int
literal(struct parser *s, const char *at, size_t len)
{
	struct mr_value v;

	switch (*at) {
	case 't':
		if (!is_word(at, len, "true"))
			return fail(s, "Invalid literal");
		return value(s, mr_value_bool(true));
	case 'f':
		if (!is_word(at, len, "false"))
			return fail(s, "Invalid literal");
		return value(s, mr_value_bool(false));
	case '\'': return fail(s, "Invalid string literal; expected \", but got '");
	case 'n': /* it may be a nan */
		if (len > 1 && at[1] == 'u') {
			if (!is_word(at, len, "null"))
				return fail(s, "Invalid literal");
			return value(s, MR_VALUE_NULL);
		}
		break;
	default: break;
	}
	v = mr_value_literal(at, strnlen(at, len)); /* jq sees no more than a C string there */
	if (v.type == MR_MISSING)
		return fail(s, "Invalid numeric literal");
	return value(s, v);
}

static bool
ends_literal(char c)
{
	static const bool ends[128] = {[' '] = true,
	    ['\t'] = true,
	    ['\r'] = true,
	    ['\n'] = true,
	    ['"'] = true,
	    ['['] = true,
	    [']'] = true,
	    ['{'] = true,
	    ['}'] = true,
	    [','] = true,
	    [':'] = true};

	return (unsigned char)c < 128 && ends[(unsigned char)c];
}

/*
 * Go on until a value is complete.
 * Return: 1 *out is it, 0 there is no more, -1 wrong is set.
 */
static int
next_value(struct parser *s, struct mr_value *out)
{
	const char *at;
	char c;

	*out = MR_VALUE_NONE;
	while (s->p < s->end && out->type == MR_MISSING) {
		for (at = s->p; s->p < s->end && !ends_literal(*s->p);)
			s->p++;
		if (s->p == s->end) {
			s->at_eof = true;
			if (literal(s, at, (size_t)(s->p - at)) != 0)
				return -1;
			break;
		}
		c = *s->p++;
		if (s->p - 1 > at && literal(s, at, (size_t)(s->p - 1 - at)) != 0)
			return -1;
		if (s->depth == 0)
			*out = take_next(s);
		if (c == '"') {
			if (out->type != MR_MISSING) { /* the next one's: enough that it is there */
				s->p--;
				return 1;
			}
			if (string(s) != 0)
				return -1;
		} else if (c > ' ' && structure(s, c) != 0) {
			return -1;
		}
		if (s->depth == 0 && s->next.type != MR_MISSING)
			*out = take_next(s);
	}
	if (out->type != MR_MISSING)
		return 1;
	s->at_eof = true;
	if (s->depth > 0)
		return fail(s, "Unfinished JSON term");
	*out = take_next(s);
	return out->type != MR_MISSING;
}

/* The message, with the place it is about: behind what has been seen. */
static struct mr_value
message(const struct parser *s, const char *wrong, bool placed)
{
	size_t lines = 1, column = 0, len = (size_t)(s->end - s->text);
	char room[64] = "";
	struct mr_buf text = MR_BUF_INIT;
	struct mr_value v;

	for (const char *p = s->start; p < s->p; p++) {
		column++;
		if (*p == '\n') {
			lines++;
			column = 0;
		}
	}
	if (placed)
		snprintf(room, sizeof room, "%s at line %zu, column %zu",
		    s->at_eof ? " at EOF" : "", lines, column);
	mr_buf_printf(&text, "%s%s (while parsing '", wrong, room);
	mr_buf_add(&text, s->text, strnlen(s->text, len));
	mr_buf_adds(&text, "')");
	v = mr_value_string(text.at, text.len);
	mr_buf_release(&text);
	return v;
}

static int
parse(struct parser *s, struct mr_value *out)
{
	struct mr_value more;
	int r = next_value(s, out);

	if (r < 0) {
		mr_value_free(*out);
		*out = message(s, s->wrong, true);
		return -1;
	}
	if (r == 0) {
		*out = message(s, "Expected JSON value", false);
		return -1;
	}
	if ((r = next_value(s, &more)) == 0)
		return 0;
	mr_value_free(*out);
	mr_value_free(more);
	*out = r < 0 ? message(s, s->wrong, true) :
		       message(s, "Unexpected extra JSON values", false);
	return -1;
}

/* -1: *out is the message. */
static int
begin(struct parser *s, const char *at, size_t len, struct mr_value *out)
{
	static const char bom[3] = "\xef\xbb\xbf";
	size_t n = len < sizeof bom ? len : sizeof bom;

	if (!at)
		at = "";
	*s = (struct parser){.text = at, .start = at, .p = at, .end = at + len};
	if (n == 0 || *at != *bom)
		return 0;
	if (memcmp(at, bom, n) != 0) {
		*out = message(s, "Malformed BOM", false);
		return -1;
	}
	s->start = s->p = at + n;
	return 0;
}

static void
end(struct parser *s)
{
	mr_value_free(s->next);
	while (s->depth > 0)
		mr_value_free(s->stack[--s->depth]);
	free(s->stack);
	mr_buf_release(&s->buf);
}

int
mr_value_parse(const char *at, size_t len, struct mr_value *out)
{
	struct parser s;
	int r;

	if (begin(&s, at, len, out) < 0)
		return -1;
	r = parse(&s, out);
	end(&s);
	return r;
}

int
mr_value_parse_all(const char *at, size_t len, struct mr_value *out)
{
	struct mr_value all, v;
	struct parser s;
	int r;

	if (begin(&s, at, len, out) < 0)
		return -1;
	all = mr_value_array(0);
	while ((r = next_value(&s, &v)) > 0)
		all = mr_value_push(all, v);
	*out = all;
	if (r < 0) {
		mr_value_free(all);
		mr_value_free(v);
		*out = message(&s, s.wrong, true);
	}
	end(&s);
	return r;
}

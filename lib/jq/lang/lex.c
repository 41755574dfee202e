/*
 * lex - the tokens of a jq program.
 *
 * Strings are read in stretches: only the parser knows which `)` ends an
 * interpolation.
 */
#include <string.h>

#include "jq/lang/lex.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_word(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* The character at i, NUL behind the end; a NUL in the text begins no token either. */
static char
peek(const struct mr_lex *l, size_t i)
{
	return i < l->len ? l->text[i] : '\0';
}

/* Behind a comment whose # is at i: a backslash before the end of the line goes on with it. */
static size_t
comment(const struct mr_lex *l, size_t i)
{
	while (i < l->len && l->text[i] != '\n') {
		if (l->text[i] == '\\') {
			i++;
			i += peek(l, i) == '\r' && peek(l, i + 1) == '\n';
			if (peek(l, i) != '\\' && peek(l, i) != '\n')
				continue; /* whatever follows is an ordinary character */
		}
		i++;
	}
	return i < l->len ? i : l->len;
}

static size_t
blanks(const struct mr_lex *l, size_t i)
{
	for (;;) {
		char c = peek(l, i);

		if (c == '#')
			i = comment(l, i);
		else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			i++;
		else
			return i;
	}
}

/* Behind name or lib::name at i, which begins with a letter. */
static size_t
name(const struct mr_lex *l, size_t i)
{
	for (;;) {
		while (is_word(peek(l, i)))
			i++;
		if (peek(l, i) != ':' || peek(l, i + 1) != ':' || !is_alpha(peek(l, i + 2)))
			return i;
		i += 2;
	}
}

/* Behind the number at i: 1 1. .5 1.5e-3 */
static size_t
number(const struct mr_lex *l, size_t i)
{
	size_t exp;

	while (is_digit(peek(l, i)))
		i++;
	if (peek(l, i) == '.')
		i++;
	while (is_digit(peek(l, i)))
		i++;
	if (peek(l, i) == 'e' || peek(l, i) == 'E') {
		exp = i + 1;
		exp += peek(l, exp) == '+' || peek(l, exp) == '-';
		if (is_digit(peek(l, exp)))
			for (i = exp; is_digit(peek(l, i));)
				i++;
	}
	return i;
}

static int
keyword(const char *at, size_t len)
{
	static const char *const words[] = {"as", "import", "include", "module", "def", "if",
	    "then", "else", "elif", "and", "or", "end", "reduce", "foreach", "try", "catch",
	    "label", "break"}; /* as enum mr_token has them */

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == len && memcmp(words[i], at, len) == 0)
			return MR_T_AS + (int)i;
	return MR_T_IDENT;
}

/* The operators of more than one character, longest first. */
static int
operator_at(const struct mr_lex *l, size_t i, size_t *len)
{
	static const struct {
		char spelling[4];
		int token;
	} ops[] = {{"?//", MR_T_ALTPAT}, {"//=", MR_T_SET_ALT}, {"//", MR_T_ALT}, {"==", MR_T_EQ},
	    {"!=", MR_T_NE}, {"<=", MR_T_LE}, {">=", MR_T_GE}, {"|=", MR_T_SET_PIPE},
	    {"+=", MR_T_SET_PLUS}, {"-=", MR_T_SET_MINUS}, {"*=", MR_T_SET_MUL},
	    {"/=", MR_T_SET_DIV}, {"%=", MR_T_SET_MOD}, {"..", MR_T_REC}};

	for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++) {
		*len = strlen(ops[k].spelling);
		if (l->len - i >= *len && memcmp(l->text + i, ops[k].spelling, *len) == 0)
			return ops[k].token;
	}
	*len = 1;
	if (l->text[i] && strchr(".?=;,:|+-*/%$<>[]{}()", l->text[i]))
		return l->text[i];
	return MR_T_BAD;
}

void
mr_lex_next(struct mr_lex *l)
{
	size_t i = blanks(l, l->end), len = 0;
	char c = peek(l, i), c2 = peek(l, i + 1);

	l->at = i;
	if (i >= l->len) {
		l->token = MR_T_END;
	} else if (c == '"') {
		l->token = MR_T_QUOTE;
		len = 1;
	} else if (is_alpha(c)) {
		len = name(l, i) - i;
		l->token = keyword(l->text + i, len);
	} else if (is_digit(c) || (c == '.' && is_digit(c2))) {
		l->token = MR_T_NUMBER;
		len = number(l, i) - i;
	} else if (c == '.' && is_alpha(c2)) {
		l->token = MR_T_FIELD;
		for (len = 2; is_word(peek(l, i + len));)
			len++;
	} else if (c == '$' && is_alpha(c2)) {
		len = name(l, i + 1) - i;
		l->token = len == 8 && memcmp(l->text + i, "$__loc__", 8) == 0 ? MR_T_LOC :
										 MR_T_BINDING;
	} else if (c == '@' && is_word(c2)) {
		l->token = MR_T_FORMAT;
		for (len = 2; is_word(peek(l, i + len));)
			len++;
	} else {
		l->token = operator_at(l, i, &len);
	}
	l->end = i + len;
}

static int
hex4(const struct mr_lex *l, size_t i)
{
	int code = 0;

	for (size_t end = i + 4; i < end; i++) {
		char c = peek(l, i);

		if (is_digit(c))
			code = code * 16 + (c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			code = code * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return code;
}

static void
add_utf8(struct mr_buf *out, int c)
{
	if (c < 0x80) {
		mr_buf_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		mr_buf_addc(out, (char)(0xc0 | c >> 6));
	} else if (c < 0x10000) {
		mr_buf_addc(out, (char)(0xe0 | c >> 12));
		mr_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	} else {
		mr_buf_addc(out, (char)(0xf0 | c >> 18));
		mr_buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		mr_buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	mr_buf_addc(out, (char)(0x80 | (c & 0x3f)));
}

/* The escape at l->at, its backslash; the index behind it, or 0. */
static size_t
escape(struct mr_lex *l, struct mr_buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t i = l->at + 1;
	char c = peek(l, i);
	const char *known = c ? strchr(from, c) : NULL;
	int code, low;

	if (known) {
		mr_buf_addc(out, to[known - from]);
		return i + 1;
	}
	if (c != 'u' || (code = hex4(l, i + 1)) < 0)
		return 0;
	i += 5;
	if (code >= 0xd800 && code < 0xdc00 && peek(l, i) == '\\' && peek(l, i + 1) == 'u') {
		low = hex4(l, i + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
			i += 6;
		}
	}
	add_utf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
	return i;
}

int
mr_lex_string(struct mr_lex *l, size_t at, struct mr_buf *out)
{
	size_t i = at;

	while (i < l->len) {
		size_t from = i;

		while (i < l->len && l->text[i] != '"' && l->text[i] != '\\')
			i++;
		mr_buf_add(out, l->text + from, i - from);
		if (i == l->len)
			break;
		l->at = i;
		if (l->text[i] == '"') {
			l->end = i + 1;
			return '"';
		}
		if (peek(l, i + 1) == '(') {
			l->end = i + 2;
			return '(';
		}
		i = escape(l, out);
		if (!i)
			return -1;
	}
	l->at = l->end = l->len;
	return 0;
}

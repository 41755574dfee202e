/*
 * The tokens of a jq program.  For the parser alone.
 */
#ifndef MR_JQ_LANG_LEX_H
#define MR_JQ_LANG_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum mr_token {
	MR_T_END = 256,
	MR_T_BAD,     /* no token begins with this character */
	MR_T_IDENT,   /* name, lib::name */
	MR_T_FIELD,   /* .name */
	MR_T_BINDING, /* $name */
	MR_T_NUMBER,
	MR_T_FORMAT, /* @name */
	MR_T_QUOTE,  /* the " that begins a string */
	MR_T_REC,    /* .. */
	MR_T_LOC,    /* $__loc__ */
	MR_T_EQ,     /* == and so on */
	MR_T_NE,
	MR_T_LE,
	MR_T_GE,
	MR_T_ALT,    /* // */
	MR_T_ALTPAT, /* ?// */
	MR_T_SET_PIPE,
	MR_T_SET_PLUS,
	MR_T_SET_MINUS,
	MR_T_SET_MUL,
	MR_T_SET_DIV,
	MR_T_SET_MOD,
	MR_T_SET_ALT,
	MR_T_AS, /* keywords from here on */
	MR_T_IMPORT,
	MR_T_INCLUDE,
	MR_T_MODULE,
	MR_T_DEF,
	MR_T_IF,
	MR_T_THEN,
	MR_T_ELSE,
	MR_T_ELIF,
	MR_T_AND,
	MR_T_OR,
	MR_T_END_IF,
	MR_T_REDUCE,
	MR_T_FOREACH,
	MR_T_TRY,
	MR_T_CATCH,
	MR_T_LABEL,
	MR_T_BREAK
};

struct mr_lex {
	const char *text;
	size_t len;
	int token;      /* enum mr_token, or the character itself */
	size_t at, end; /* where the token stands: text[at..end-1] */
};

/* Step to the next token, behind the one at hand; first with at = end = 0. */
void mr_lex_next(struct mr_lex *);

/*
 * The next stretch of a string, decoded and appended to out; at: where it
 * begins, behind the opening quote or an interpolation.
 * Return: '"' when the string ended, '(' at an interpolation; lex->end is
 *         behind it, mr_lex_next() goes on there.  0: the text ended.  -1: a
 *         malformed escape, which stands at lex->at.
 */
int mr_lex_string(struct mr_lex *, size_t at, struct mr_buf *out);

static inline bool
mr_lex_is_keyword(int token)
{
	return token >= MR_T_AS;
}

#endif

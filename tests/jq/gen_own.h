/*
 * A grammar as it was read.  For gen.c and gen_grammar.c alone.
 */
#ifndef GEN_OWN_H
#define GEN_OWN_H

#include "gen.h"

enum { MAX_PARTS = 24, MAX_SYMBOLS = 256, ANY = -1 };

enum part_kind { LITERAL, SLOT, LIST, EACH, VARIABLE, FUNCTION };

struct part {
	enum part_kind kind;
	char *text;    /* LITERAL */
	int want, dot; /* the others; dot ANY: as outside */
	int most;      /* LIST: elements */
	bool bare;     /* SLOT: between brackets, needs no parentheses */
};

struct rule {
	int want, dot, weight, slots;
	struct part part[MAX_PARTS];
	int parts;
};

struct block;

struct gen {
	char *symbol[MAX_SYMBOLS];
	int symbols;
	struct {
		struct rule **at;
		size_t n;
	} of[MAX_SYMBOLS]; /* the rules of a symbol */
	uint64_t state;
	int names;
	struct block *blocks;
};

/* Symbols are their numbers. */
int gen_symbol(struct gen *, const char *at, size_t len);

#endif

/*
 * Read a grammar; see gen.h, and `grammar` for the notation.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gen_own.h"

static void
refuse(const char *path, size_t line, const char *why)
{
	fprintf(stderr, "%s:%zu: %s\n", path, line, why);
	exit(2);
}

int
gen_symbol(struct gen *g, const char *at, size_t len)
{
	for (int i = 0; i < g->symbols; i++)
		if (strlen(g->symbol[i]) == len && memcmp(g->symbol[i], at, len) == 0)
			return i;
	if (g->symbols == MAX_SYMBOLS)
		refuse("grammar", 0, "too many symbols");
	g->symbol[g->symbols] = mr_xcalloc(1, len + 1);
	memcpy(g->symbol[g->symbols], at, len);
	return g->symbols++;
}

static size_t
word(const char *at)
{
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n;
}

/* `N` or `N:S`; returns what is behind it. */
static const char *
typed(struct gen *g, const char *at, int *want, int *dot)
{
	size_t n = word(at);

	*want = gen_symbol(g, at, n);
	*dot = ANY;
	at += n;
	if (*at == ':') {
		n = word(++at);
		*dot = gen_symbol(g, at, n);
		at += n;
	}
	return at;
}

/* `N>`, `N:S>`, `N*4>`, `N!>` behind a '<'; NULL: it is no slot. */
static const char *
slot(struct gen *g, const char *at, struct part *p)
{
	if (!isalpha((unsigned char)*at))
		return NULL;
	p->kind = SLOT;
	at = typed(g, at, &p->want, &p->dot);
	if (*at == '*') {
		p->kind = LIST;
		p->most = (int)strtol(at + 1, (char **)&at, 10);
	} else if (*at == '!') {
		p->kind = EACH;
		at++;
	}
	return *at == '>' ? at + 1 : NULL;
}

static void
literal(struct rule *r, const char *from, const char *to)
{
	struct part *p = &r->part[r->parts];

	if (to == from)
		return;
	p->kind = LITERAL;
	p->text = mr_xcalloc(1, (size_t)(to - from) + 1);
	memcpy(p->text, from, (size_t)(to - from));
	r->parts++;
}

/* A slot between brackets, or between one and a ';', stands as it is. */
static void
find_bare(struct rule *r)
{
	for (int i = 0; i < r->parts; i++) {
		const char *before = i > 0 && r->part[i - 1].kind == LITERAL ? r->part[i - 1].text :
									       NULL;
		const char *behind = i + 1 < r->parts && r->part[i + 1].kind == LITERAL ?
		    r->part[i + 1].text :
		    NULL;
		char open, close;

		if (!before || !behind)
			continue;
		for (size_t n = strlen(before); n > 1 && before[n - 1] == ' ';)
			n--;
		open = before[strlen(before) - 1] == ' ' && strlen(before) > 1 ?
		    before[strlen(before) - 2] :
		    before[strlen(before) - 1];
		close = behind[strspn(behind, " ")];
		r->part[i].bare = strchr("([;", open) && strchr(")];", close);
	}
}

static void template(struct gen *g, struct rule *r, const char *at, const char *path, size_t line)
{
	const char *from = at, *next;
	struct part p;

	while (*at) {
		memset(&p, 0, sizeof p);
		next = NULL;
		if (*at == '<' && !(at > from && at[-1] == '?')) /* not of (?<name>...) */
			next = slot(g, at + 1, &p);
		else if ((*at == '$' || *at == '~') && at[1] == '[' &&
		    isupper((unsigned char)at[2])) {
			p.kind = *at == '$' ? VARIABLE : FUNCTION;
			next = typed(g, at + 2, &p.want, &p.dot);
			next = *next == ']' ? next + 1 : NULL;
		}
		if (!next) {
			at++;
			continue;
		}
		if (r->parts > MAX_PARTS - 3)
			refuse(path, line, "too many parts");
		literal(r, from, at);
		r->part[r->parts++] = p;
		r->slots += p.kind <= EACH;
		from = at = next;
	}
	literal(r, from, at);
	find_bare(r);
}

static void
read_rule(struct gen *g, const char *at, const char *path, size_t line)
{
	struct rule *r = mr_xcalloc(1, sizeof *r);

	if (!isalpha((unsigned char)*at))
		refuse(path, line, "no symbol");
	at = typed(g, at, &r->want, &r->dot);
	r->weight = 1;
	at += strspn(at, " \t");
	if (*at == 'x' && isdigit((unsigned char)at[1])) {
		r->weight = (int)strtol(at + 1, (char **)&at, 10);
		at += strspn(at, " \t");
	}
	template(g, r, at, path, line);
	g->of[r->want].at = mr_xrealloc(g->of[r->want].at, (g->of[r->want].n + 1) * sizeof r);
	g->of[r->want].at[g->of[r->want].n++] = r;
}

struct gen *
gen_new(const char *path)
{
	struct gen *g = mr_xcalloc(1, sizeof *g);
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t cap = 0, line = 0;
	ssize_t n;

	if (!f)
		refuse(path, 0, "cannot be read");
	while ((n = getline(&text, &cap, f)) > 0) {
		line++;
		if (text[n - 1] == '\n')
			text[--n] = '\0';
		if (n && text[0] != '#')
			read_rule(g, text, path, line);
	}
	free(text);
	fclose(f);
	return g;
}

static void
free_rule(struct rule *r)
{
	for (int i = 0; i < r->parts; i++)
		free(r->part[i].text);
	free(r);
}

void
gen_free(struct gen *g)
{
	gen_seed(g, 0);
	for (int i = 0; i < g->symbols; i++) {
		for (size_t k = 0; k < g->of[i].n; k++)
			free_rule(g->of[i].at[k]);
		free(g->of[i].at);
		free(g->symbol[i]);
	}
	free(g);
}

/*
 * gen - random texts of a grammar; see gen.h, and `grammar` for the notation.
 *
 * A tree keeps for each slot of a rule what was made for it.  To shrink is to
 * put in the place of a node one below it of the same symbol, or the text of
 * a rule without slots; to drop elements of lists.  What is made so is a text
 * of the grammar again (but for variables, which may go unbound: the caller
 * finds that such a text no longer shows what it looks for).
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gen_own.h"

struct gen_node {
	const struct rule *rule; /* NULL: text alone */
	int want, dot;
	char *text; /* a variable; a list: NULL */
	bool paren; /* when it is no single term */
	bool list;  /* kids with commas between them */
	struct gen_node **kids;
	int nkids;
	int *names; /* of VARIABLE and FUNCTION parts */
};

struct block {
	struct block *next;
	size_t used;
	char room[65536];
};

struct scope {
	const struct scope *up;
	int want, dot; /* dot ANY: a variable; else a function for such a `.` */
	int name;
};

/* -- memory: all that was made since gen_seed() -- */
static void *
room(struct gen *g, size_t size)
{
	struct block *b = g->blocks;
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!b || sizeof b->room - b->used < size) {
		b = mr_xcalloc(1, sizeof *b);
		b->next = g->blocks;
		g->blocks = b;
	}
	p = b->room + b->used;
	b->used += size;
	return memset(p, 0, size);
}

static void
forget(struct gen *g)
{
	struct block *next;

	for (; g->blocks; g->blocks = next) {
		next = g->blocks->next;
		free(g->blocks);
	}
}

/* -- random numbers: splitmix64 -- */
void
gen_seed(struct gen *g, uint64_t seed)
{
	forget(g);
	g->state = seed;
	g->names = 0;
}

uint64_t
gen_random(struct gen *g, uint64_t below)
{
	uint64_t x = g->state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (x ^ x >> 31) % below;
}

/* -- making -- */

/* Symbols in small letters are words and JSON: no parentheses, no variables, no mistakes. */
static bool
is_word(const struct gen *g, int symbol)
{
	return islower((unsigned char)g->symbol[symbol][0]);
}

static bool
fits(const struct rule *r, int dot, bool plain)
{
	return (r->dot == ANY || r->dot == dot) && !(plain && r->slots);
}

static const struct rule *
choose(struct gen *g, int want, int dot, bool plain)
{
	int sum = 0, at;

	for (size_t i = 0; i < g->of[want].n; i++)
		if (fits(g->of[want].at[i], dot, plain))
			sum += g->of[want].at[i]->weight;
	if (sum == 0)
		return NULL;
	at = (int)gen_random(g, (uint64_t)sum);
	for (size_t i = 0; i < g->of[want].n; i++)
		if (fits(g->of[want].at[i], dot, plain) && (at -= g->of[want].at[i]->weight) < 0)
			return g->of[want].at[i];
	return NULL;
}

static struct gen_node *
bound(struct gen *g, const struct scope *scope, int want, int dot)
{
	const struct scope *hit = NULL;
	struct gen_node *n;
	uint64_t seen = 0;

	for (; scope; scope = scope->up)
		if (scope->want == want && (scope->dot == ANY || scope->dot == dot) &&
		    gen_random(g, ++seen) == 0)
			hit = scope;
	if (!hit)
		return NULL;
	n = room(g, sizeof *n);
	n->want = want;
	n->dot = dot;
	n->text = room(g, 16);
	snprintf(n->text, 16, hit->dot == ANY ? "$v%d" : "f%d", hit->name);
	return n;
}

static struct gen_node *make(struct gen *, const struct scope *, int want, int dot, int depth);
static void fill(struct gen *, const struct scope *, struct gen_node *, int depth);

static struct gen_node *
make_list(struct gen *g, const struct scope *scope, const struct part *p, int dot, int depth)
{
	struct gen_node *n = room(g, sizeof *n);
	int count = p->kind == LIST ? (int)gen_random(g, (uint64_t)p->most + 1) : 0;

	n->list = true;
	n->want = p->want;
	n->dot = dot;
	if (p->kind == LIST) {
		n->kids = room(g, (size_t)count * sizeof *n->kids);
		for (int i = 0; i < count; i++)
			n->kids[n->nkids++] = make(g, scope, p->want, dot, depth);
		return n;
	}
	n->kids = room(g, (g->of[p->want].n + 1) * sizeof *n->kids);
	for (size_t i = 0; i < g->of[p->want].n; i++)
		if (gen_random(g, 8)) {
			struct gen_node *kid = room(g, sizeof *kid);

			kid->rule = g->of[p->want].at[i];
			kid->want = p->want;
			kid->dot = dot;
			fill(g, scope, kid, depth);
			n->kids[n->nkids++] = kid;
		}
	if (gen_random(g, 10) == 0)
		n->kids[n->nkids++] = make(g, scope, p->want, dot, depth);
	return n;
}

static void
fill(struct gen *g, const struct scope *scope, struct gen_node *n, int depth)
{
	const struct rule *r = n->rule;
	struct scope added[MAX_PARTS];
	const struct scope *later = NULL;
	int nadded = 0;

	n->kids = room(g, MAX_PARTS * sizeof *n->kids);
	n->names = room(g, MAX_PARTS * sizeof *n->names);
	for (int i = 0; i < r->parts; i++) {
		const struct part *p = &r->part[i];
		int dot = p->dot == ANY ? n->dot : p->dot, want = p->want;

		switch (p->kind) {
		case LITERAL: break;
		case SLOT:
			/* A mistake, now and then: what comes of wrong types is compared, too. */
			if (!is_word(g, want) && gen_random(g, 40) == 0)
				want = (int)gen_random(g, (uint64_t)g->symbols);
			if (is_word(g, want) && !is_word(g, p->want))
				want = p->want;
			n->kids[n->nkids++] = make(g, scope, want, dot, depth - !is_word(g, want));
			n->kids[n->nkids - 1]->paren = !p->bare && !is_word(g, want) &&
			    gen_random(g, 12);
			scope = later ? later : scope;
			later = NULL;
			break;
		case LIST:
		case EACH: n->kids[n->nkids++] = make_list(g, scope, p, dot, depth - 1); break;
		case VARIABLE:
		case FUNCTION:
			added[nadded] = (struct scope){scope, want, p->dot, g->names};
			/* Unknown in the body of the function, and where a reduce begins. */
			if (p->kind == FUNCTION ||
			    (i + 1 < r->parts && r->part[i + 1].kind == LITERAL &&
				strncmp(r->part[i + 1].text, " (", 2) == 0))
				later = &added[nadded++];
			else
				scope = &added[nadded++];
			n->names[i] = g->names++;
			break;
		}
	}
}

static struct gen_node *
make(struct gen *g, const struct scope *scope, int want, int dot, int depth)
{
	struct gen_node *n;

	if (!is_word(g, want) && gen_random(g, 4) == 0 && (n = bound(g, scope, want, dot)))
		return n;
	n = room(g, sizeof *n);
	n->want = want;
	n->dot = dot;
	n->rule = choose(g, want, dot, depth <= 0);
	if (!n->rule && depth > -20)
		n->rule = choose(g, want, dot, false);
	if (n->rule)
		fill(g, scope, n, depth);
	else
		n->text = strcpy(room(g, 2), ".");
	return n;
}

struct gen_node *
gen_make(struct gen *g, const char *start, const char *dot, int depth)
{
	return make(g, NULL, gen_symbol(g, start, strlen(start)),
	    dot ? gen_symbol(g, dot, strlen(dot)) : ANY, depth);
}

/* -- printing -- */

/* One term, which needs no parentheses: a word or path, or brackets around all of it. */
static bool
is_term(const char *at, size_t len)
{
	int depth = 0;
	bool string = false;

	if (len && at[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (string) {
			if (at[i] == '\\')
				return false; /* an interpolation may be in it: not worth a look */
			string = at[i] != '"';
			continue;
		}
		if (at[i] == '"')
			string = true;
		else if (strchr("([{", at[i]))
			depth++;
		else if (strchr(")]}", at[i]))
			depth--;
		else if (depth == 0 && !isalnum((unsigned char)at[i]) && !strchr("_.$@?", at[i]))
			return false;
	}
	return true;
}

void
gen_print(const struct gen_node *n, struct mr_buf *out)
{
	int kid = 0;

	if (n->list) {
		for (int i = 0; i < n->nkids; i++) {
			if (i)
				mr_buf_addc(out, ',');
			gen_print(n->kids[i], out);
		}
		return;
	}
	if (!n->rule) {
		mr_buf_adds(out, n->text);
		return;
	}
	for (int i = 0; i < n->rule->parts; i++) {
		const struct part *p = &n->rule->part[i];
		size_t from = out->len;

		switch (p->kind) {
		case LITERAL: mr_buf_adds(out, p->text); break;
		case LIST:
		case EACH: gen_print(n->kids[kid++], out); break;
		case VARIABLE: mr_buf_printf(out, "$v%d", n->names[i]); break;
		case FUNCTION: mr_buf_printf(out, "f%d", n->names[i]); break;
		case SLOT:
			gen_print(n->kids[kid], out);
			if (n->kids[kid++]->paren && !is_term(out->at + from, out->len - from)) {
				mr_buf_addc(out, ')');
				mr_buf_addc(out, ')');
				memmove(out->at + from + 1, out->at + from, out->len - from - 2);
				out->at[from] = '(';
			}
			break;
		}
	}
}

/* -- shrinking -- */
struct shrink {
	struct gen *g;
	struct gen_node *root;
	bool (*still)(void *);
	void *self;
	int left; /* questions */
	bool better;
};

/* Keep what was done to *n when it still shows; else put back what was there. */
static bool
keep(struct shrink *s, struct gen_node *n, struct gen_node was)
{
	if (s->left-- > 0 && s->still(s->self)) {
		s->better = true;
		return true;
	}
	*n = was;
	return false;
}

/* Replace n by a node below it of its symbol. */
static bool
hoist(struct shrink *s, struct gen_node *n, const struct gen_node *below, int depth)
{
	struct gen_node was = *n;

	if (below != n && !below->list && below->want == n->want &&
	    (below->dot == n->dot || is_word(s->g, n->want))) {
		bool paren = n->paren;

		*n = *below;
		n->paren = paren;
		return keep(s, n, was);
	}
	for (int i = 0; depth < 6 && i < below->nkids && s->left > 0; i++)
		if (hoist(s, n, below->kids[i], depth + 1))
			return true;
	return false;
}

static size_t
size_of(const struct gen_node *n)
{
	size_t size = 1;

	for (int i = 0; i < n->nkids; i++)
		size += size_of(n->kids[i]);
	return size;
}

/* The text of a rule without slots, which must be shorter. */
static void
plain(struct shrink *s, struct gen_node *n)
{
	struct gen_node was = *n;
	int tries = 0;

	if (size_of(n) == 1 && (!n->rule || n->rule->slots == 0))
		return;
	for (size_t i = 0; i < s->g->of[n->want].n && tries < 4 && s->left > 0; i++) {
		const struct rule *r = s->g->of[n->want].at[i];

		if (!fits(r, n->dot, true))
			continue;
		tries++;
		n->rule = r;
		n->text = NULL;
		n->nkids = 0;
		n->names = room(s->g, MAX_PARTS * sizeof *n->names);
		if (keep(s, n, was))
			return;
	}
}

static void
drop(struct shrink *s, struct gen_node *n)
{
	for (int i = n->nkids - 1; i >= 0 && s->left > 0; i--) {
		struct gen_node was = *n, *gone = n->kids[i];

		memmove(&n->kids[i], &n->kids[i + 1], (size_t)(n->nkids - i - 1) * sizeof *n->kids);
		n->nkids--;
		if (!keep(s, n, was)) {
			memmove(&n->kids[i + 1], &n->kids[i],
			    (size_t)(n->nkids - i - 1) * sizeof *n->kids);
			n->kids[i] = gone;
		}
	}
}

static void
shrink(struct shrink *s, struct gen_node *n)
{
	if (s->left <= 0)
		return;
	if (n->list)
		drop(s, n);
	else {
		while (hoist(s, n, n, 0))
			;
		plain(s, n);
	}
	for (int i = 0; i < n->nkids; i++)
		shrink(s, n->kids[i]);
}

void
gen_shrink(struct gen *g, struct gen_node *root, bool (*still)(void *), void *self, int most)
{
	struct shrink s = {g, root, still, self, most, true};

	while (s.better && s.left > 0) {
		s.better = false;
		shrink(&s, root);
	}
}

/*
 * path - read paths and keep them as a tree, one node a step.
 *
 * The grammar is jq's for paths without filters: `.a`, `."x"`, `["x"]`,
 * `[0]`, each with any number of `?`, which change nothing here, as a path
 * that leads nowhere is a missing value anyway.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "json/path.h"
#include "json/shape.h"
#include "json/str.h"

struct reader {
	const char *text, *p;
	struct mr_err *err;
};

static struct mr_path_node *
node_new(const char *key, size_t len, int64_t index)
{
	struct mr_path_node *n = mr_xcalloc(1, sizeof *n);

	n->slot = -1;
	n->index = index;
	if (key) {
		n->key = mr_xmemdup0(key, len);
		n->key_len = len;
		for (size_t i = 0; i < len && i < 8; i++) {
			n->head |= (uint64_t)(unsigned char)key[i] << (8 * i);
			n->mask |= (uint64_t)0xff << (8 * i);
		}
	}
	return n;
}

static void
node_free(struct mr_path_node *n)
{
	for (size_t i = 0; i < n->nkeys; i++)
		node_free(n->keys[i]);
	for (size_t i = 0; i < n->nelems; i++)
		node_free(n->elems[i]);
	free(n->keys);
	free(n->elems);
	free(n->key);
	free(n);
}

/* Put child at place i of a list. */
static struct mr_path_node *
insert(struct mr_path_node ***list, size_t *count, size_t i, struct mr_path_node *child)
{
	*list = mr_xrealloc(*list, (*count + 1) * sizeof **list);
	memmove(*list + i + 1, *list + i, (*count - i) * sizeof **list);
	(*list)[i] = child;
	(*count)++;
	return child;
}

static struct mr_path_node *
key_child(struct mr_path_node *n, const char *key, size_t len)
{
	size_t group = mr_path_group(len), i;

	for (i = n->from[group]; i < n->from[group + 1]; i++)
		if (n->keys[i]->key_len == len && memcmp(n->keys[i]->key, key, len) == 0)
			return n->keys[i];
	n->lens |= (uint64_t)1 << group;
	for (size_t g = group + 1; g <= MR_PATH_LENS; g++)
		n->from[g]++;
	return insert(&n->keys, &n->nkeys, i, node_new(key, len, 0));
}

static struct mr_path_node *
index_child(struct mr_path_node *n, int64_t index)
{
	size_t i = 0;

	while (i < n->nelems && n->elems[i]->index < index)
		i++;
	if (i < n->nelems && n->elems[i]->index == index)
		return n->elems[i];
	n->nnegative += index < 0;
	return insert(&n->elems, &n->nelems, i, node_new(NULL, 0, index));
}

/* Number the slots below each node so that they are neighbours in order[]. */
static int
lay_out(struct mr_scan *s, struct mr_path_node *n, int at)
{
	n->lo = at;
	for (size_t i = 0; i < n->nkeys + n->nelems; i++) {
		struct mr_path_node *child = i < n->nkeys ? n->keys[i] : n->elems[i - n->nkeys];

		if (child->slot >= 0)
			s->order[at++] = child->slot;
		at = lay_out(s, child, at);
	}
	n->hi = at;
	return at;
}

static int
refuse(const struct reader *r, const char *why)
{
	return mr_err_set(r->err, MR_EX_USAGE, "path '%s': %s at character %zu", r->text, why,
	    (size_t)(r->p - r->text) + 1);
}

static int
unexpected(const struct reader *r)
{
	char why[32] = "unexpected 'x'";

	if (!*r->p)
		return refuse(r, "unexpected end");
	if ((unsigned char)*r->p < 0x20 || (unsigned char)*r->p >= 0x7f)
		return refuse(r, "unexpected character");
	why[12] = *r->p;
	return refuse(r, why);
}

static bool
is_ident(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (!first && c >= '0' && c <= '9');
}

static void
blanks(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\t')
		r->p++;
}

/* A key in quotes, as JSON spells it: the scanner reads it, and so it says what is wrong. */
static struct mr_path_node *
quoted_step(struct reader *r, struct mr_path_node *n)
{
	const char *start = r->p, *p = start + 1;
	struct mr_scan *plain = mr_scan_new();
	struct mr_val v = {0};
	struct mr_err why = MR_ERR_INIT;
	struct mr_buf key = MR_BUF_INIT;

	while (*p && *p != '"')
		p += p[0] == '\\' && p[1] ? 2 : 1;
	if (!*p) {
		refuse(r, "unterminated key");
		n = NULL;
	} else if (mr_scan_path(plain, ".", &why) < 0 ||
	    mr_scan_line(plain, start, (size_t)(p + 1 - start), 0, &v, &why) < 0) {
		refuse(r, "malformed key");
		n = NULL;
	} else {
		mr_str_decode(&v, &key);
		if (memchr(mr_buf_str(&key), '\0', key.len)) {
			refuse(r, "a key with a NUL");
			n = NULL;
		} else {
			n = key_child(n, key.at, key.len);
			r->p = p + 1;
		}
	}
	mr_buf_release(&key);
	mr_scan_free(plain);
	return n;
}

static struct mr_path_node *
index_step(struct reader *r, struct mr_path_node *n)
{
	bool negative = *r->p == '-';
	int64_t index = 0;

	r->p += negative;
	if (*r->p < '0' || *r->p > '9')
		return unexpected(r), NULL;
	for (; *r->p >= '0' && *r->p <= '9'; r->p++)
		if (index < INT64_MAX / 16) /* no array is so long: where it stops means nothing */
			index = index * 10 + (*r->p - '0');
	return index_child(n, negative ? -index : index);
}

/* What stands in brackets; r->p behind the opening one. */
static struct mr_path_node *
bracket_step(struct reader *r, struct mr_path_node *n)
{
	blanks(r);
	if (*r->p == ']')
		return refuse(r, "an index or a key in quotes is missing"), NULL;
	n = *r->p == '"' ? quoted_step(r, n) : index_step(r, n);
	if (!n)
		return NULL;
	blanks(r);
	if (*r->p != ']')
		return unexpected(r), NULL;
	r->p++;
	return n;
}

/* One step; `first` when r->p is behind the first point of the text. */
static struct mr_path_node *
step(struct reader *r, struct mr_path_node *n, bool first)
{
	const char *start;

	if (!first && *r->p == '.')
		r->p++;
	else if (!first && *r->p != '[')
		return unexpected(r), NULL;
	start = r->p;
	if (*r->p == '"')
		return quoted_step(r, n);
	if (*r->p == '[') {
		r->p++;
		return bracket_step(r, n);
	}
	while (is_ident(*r->p, r->p == start))
		r->p++;
	if (r->p == start)
		return unexpected(r), NULL;
	return key_child(n, start, (size_t)(r->p - start));
}

static struct mr_path_node *
read_path(struct reader *r, struct mr_path_node *n)
{
	bool first = true;

	blanks(r);
	if (*r->p != '.')
		return refuse(r, "expected '.'"), NULL;
	r->p++;
	while (*r->p == '?')
		r->p++;
	if (*r->p == ' ' || *r->p == '\t') {
		blanks(r);
		return *r->p ? (unexpected(r), NULL) : n;
	}
	while (*r->p) { /* none: the whole record */
		n = step(r, n, first && r->p[-1] == '.');
		if (!n)
			return NULL;
		first = false;
		while (*r->p == '?')
			r->p++;
		blanks(r);
	}
	return n;
}

const struct mr_path_node *
mr_path_escaped_key(const struct mr_path_node *n, const unsigned char *key, size_t len)
{
	struct mr_val text = {(const char *)key - 1, len + 2, MR_STRING, true};

	for (size_t i = 0; i < n->nkeys; i++)
		if (mr_str_is(&text, n->keys[i]->key, n->keys[i]->key_len))
			return n->keys[i];
	return NULL;
}

struct mr_scan *
mr_scan_new(void)
{
	struct mr_scan *s = mr_xcalloc(1, sizeof *s);

	s->root = node_new(NULL, 0, 0);
	return s;
}

void
mr_scan_free(struct mr_scan *s)
{
	if (!s)
		return;
	mr_shapes_free(s->shapes);
	free(s->needles);
	node_free(s->root);
	free(s->slots);
	free(s->order);
	free(s);
}

int
mr_scan_path(struct mr_scan *s, const char *text, struct mr_err *err)
{
	struct reader r = {text, text, err};
	struct mr_path_node *n = read_path(&r, s->root);
	size_t room = (size_t)s->count + 1;

	if (!n)
		return -1;
	if (n->slot >= 0)
		return n->slot;
	mr_shapes_free(s->shapes); /* they know of no such path */
	free(s->needles);
	s->shapes = NULL;
	s->needles = NULL;
	s->slots = mr_xrealloc(s->slots, room * sizeof(struct mr_path_node *));
	s->order = mr_xrealloc(s->order, room * sizeof(int));
	s->slots[s->count] = n;
	n->slot = s->count++;
	lay_out(s, s->root, 0);
	return n->slot;
}

int
mr_scan_count(const struct mr_scan *s)
{
	return s->count;
}

const char *
mr_scan_name(const struct mr_scan *s, int slot)
{
	return s->slots[slot]->key;
}

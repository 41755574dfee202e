/*
 * sort - sorting, grouping and picking by keys, stable as in jq.
 *
 * A merge sort over places: keys are compared where they stand, and what is
 * equal keeps its order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"

struct sorter {
	const struct mr_value *keys;
	size_t *order, *room;
	bool too_deep;
};

static bool
behind(struct sorter *s, size_t a, size_t b)
{
	int c = mr_value_cmp(&s->keys[a], &s->keys[b]);

	s->too_deep |= c == MR_VALUE_DEEP;
	return c > 0;
}

static void
merge(struct sorter *s, size_t from, size_t mid, size_t to)
{
	size_t i = from, j = mid, n = from;

	if (!behind(s, s->order[mid - 1], s->order[mid]))
		return;
	while (i < mid && j < to)
		s->room[n++] = behind(s, s->order[i], s->order[j]) ? s->order[j++] : s->order[i++];
	memcpy(s->room + n, s->order + i, (mid - i) * sizeof *s->room);
	memcpy(s->order + from, s->room + from, (n + mid - i - from) * sizeof *s->room);
}

static void
sort_places(struct sorter *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->order[i] = i;
	for (size_t run = 1; run < n; run *= 2)
		for (size_t at = 0; at + run < n; at += 2 * run)
			merge(s, at, at + run, at + 2 * run < n ? at + 2 * run : n);
}

/*
 * The order of an array's elements by their keys, both cells.
 * Return: it, malloc'd; NULL too deep, *out is the error.
 */
static size_t *
order_by(const struct mr_value *keys, size_t n, struct mr_value *out)
{
	struct sorter s = {.keys = keys};

	s.order = mr_xmalloc(n * sizeof *s.order);
	s.room = mr_xmalloc(n * sizeof *s.room);
	sort_places(&s, n);
	free(s.room);
	if (!s.too_deep)
		return s.order;
	free(s.order);
	mr_value_fail(out, "Comparison too deep");
	return NULL;
}

/* Both arrays, as long as each other; made cells.  Consumed if not. */
static int
check(struct mr_value *array, struct mr_value *keys, struct mr_value *out)
{
	if (array->type != MR_ARRAY || keys->type != MR_ARRAY ||
	    mr_value_count(array) != mr_value_count(keys))
		return mr_value_fail2(out, *array, *keys,
		    "cannot be sorted, as they are not both arrays");
	*array = mr_array_cell_of(*array);
	*keys = mr_array_cell_of(*keys);
	return 0;
}

static int
done(struct mr_value array, struct mr_value keys, size_t *order, int r)
{
	free(order);
	mr_value_free(array);
	mr_value_free(keys);
	return r;
}

int
mr_value_sort(struct mr_value array, struct mr_value *out)
{
	struct mr_value keys;

	if (array.type != MR_ARRAY)
		return mr_value_fail1(out, array, "cannot be sorted, as it is not an array");
	array = mr_array_cell_of(array);
	keys = mr_value_copy(&array);
	return mr_value_sort_by(array, keys, out);
}

int
mr_value_sort_by(struct mr_value array, struct mr_value keys, struct mr_value *out)
{
	struct mr_value *at, sorted;
	size_t n, *order;

	if (check(&array, &keys, out) != 0)
		return -1;
	at = mr_array_at(&array, &n);
	if (!(order = order_by(mr_array_at(&keys, &n), n, out)))
		return done(array, keys, order, -1);
	sorted = mr_value_array(n);
	for (size_t i = 0; i < n; i++)
		sorted = mr_value_push(sorted, mr_value_copy(&at[order[i]]));
	*out = sorted;
	return done(array, keys, order, 0);
}

/* Elements in groups of equal keys: all of a group in an array, or the first one alone. */
static int
group(struct mr_value array, struct mr_value keys, bool first_alone, struct mr_value *out)
{
	struct mr_value *at, *by, groups, members = MR_VALUE_NONE;
	size_t n, *order;
	int same = 0;

	if (check(&array, &keys, out) != 0)
		return -1;
	at = mr_array_at(&array, &n);
	by = mr_array_at(&keys, &n);
	if (!(order = order_by(by, n, out)))
		return done(array, keys, order, -1);
	groups = mr_value_array(4);
	for (size_t i = 0, head = 0; i < n; i++) {
		struct mr_value v = at[order[i]];

		/* jq compares with the first of the group: a nan equals none */
		same = i > 0 ? mr_value_same(&by[order[head]], &by[order[i]]) : 0;
		if (same == MR_VALUE_DEEP)
			break;
		if (same == 1) {
			if (!first_alone)
				members = mr_value_push(members, mr_value_copy(&v));
			continue;
		}
		head = i;
		if (first_alone) {
			groups = mr_value_push(groups, mr_value_copy(&v));
			continue;
		}
		if (i > 0)
			groups = mr_value_push(groups, members);
		members = mr_value_push(mr_value_array(4), mr_value_copy(&v));
	}
	if (members.type == MR_ARRAY)
		groups = mr_value_push(groups, members);
	if (same == MR_VALUE_DEEP) {
		mr_value_free(groups);
		mr_value_fail(out, "Equality check too deep");
		return done(array, keys, order, -1);
	}
	*out = groups;
	return done(array, keys, order, 0);
}

int
mr_value_group_by(struct mr_value array, struct mr_value keys, struct mr_value *out)
{
	return group(array, keys, false, out);
}

int
mr_value_unique_by(struct mr_value array, struct mr_value keys, struct mr_value *out)
{
	return group(array, keys, true, out);
}

int
mr_value_min_by(struct mr_value array, struct mr_value keys, bool max, struct mr_value *out)
{
	struct mr_value *at, *by;
	size_t n, m, best = 0;
	int c = 0;

	if (array.type != MR_ARRAY || keys.type != MR_ARRAY)
		return mr_value_fail2(out, array, keys, "cannot be iterated over");
	array = mr_array_cell_of(array);
	keys = mr_array_cell_of(keys);
	at = mr_array_at(&array, &n);
	by = mr_array_at(&keys, &m);
	if (n != m)
		return mr_value_fail2(out, array, keys, "have wrong length");
	for (size_t i = 1; i < n && c != MR_VALUE_DEEP; i++) {
		c = mr_value_cmp(&by[i], &by[best]);
		if (c != MR_VALUE_DEEP &&
		    (c < 0) == !max) /* of equals the first is least, the last most */
			best = i;
	}
	if (c == MR_VALUE_DEEP)
		mr_value_fail(out, "Comparison too deep");
	else
		*out = n ? mr_value_copy(&at[best]) : MR_VALUE_NULL;
	return done(array, keys, NULL, c == MR_VALUE_DEEP ? -1 : 0);
}

struct nest {                     /* a container that is being flattened */
	struct mr_value of, left; /* left: how many levels more are flattened in it */
	struct mr_value_iter it;
};

struct nests {
	struct nest *at;
	size_t depth, room;
};

static void
open_nest(struct nests *s, struct mr_value of, struct mr_value left)
{
	struct nest *old = s->at;

	if (s->depth == s->room) {
		s->room = s->room ? s->room * 2 : 8;
		s->at = mr_xrealloc(s->at, s->room * sizeof *s->at);
		for (size_t i = 0; s->at != old && i < s->depth; i++)
			s->at[i].it.of = &s->at[i].of;
	}
	s->at[s->depth].of = of;
	s->at[s->depth].left = left;
	mr_value_iter_init(&s->at[s->depth].it, &s->at[s->depth].of);
	s->depth++;
}

static void
close_nest(struct nests *s)
{
	s->depth--;
	mr_value_free(s->at[s->depth].of);
	mr_value_free(s->at[s->depth].left);
}

/* Take one element more: into `flat`, or, an array, as what is flattened next. */
static int
flatten_one(struct nests *s, struct mr_value *flat, struct mr_value *out)
{
	struct nest *n = &s->at[s->depth - 1];
	const struct mr_value zero = mr_value_number(0);
	struct mr_value v, left;

	if (!mr_value_iter_next(&n->it, NULL, &v)) {
		close_nest(s);
		return 0;
	}
	if (v.type != MR_ARRAY || mr_value_equal(&n->left, &zero)) {
		*flat = mr_value_push(*flat, v);
		return 0;
	}
	if (mr_value_binop('-', mr_value_copy(&n->left), mr_value_number(1), &left) != 0) {
		mr_value_free(v);
		*out = left;
		return -1;
	}
	open_nest(s, v, left);
	return 0;
}

int
mr_value_flatten(struct mr_value of, struct mr_value depth, struct mr_value *out)
{
	const struct mr_value zero = mr_value_number(0);
	struct mr_value flat;
	struct nests nests = {0};
	char room[32];
	int r = 0;

	if (mr_value_cmp(&depth, &zero) < 0)
		r = mr_value_fail(out, "flatten depth must not be negative");
	else if (of.type != MR_ARRAY && of.type != MR_OBJECT)
		r = mr_value_fail(out, "Cannot iterate over %s (%s)", mr_value_kind(&of),
		    mr_value_show(&of, room));
	if (r != 0) {
		mr_value_free(of);
		mr_value_free(depth);
		return r;
	}
	flat = mr_value_array(8);
	open_nest(&nests, of, depth);
	while (nests.depth > 0 && r == 0)
		r = flatten_one(&nests, &flat, out);
	while (nests.depth > 0)
		close_nest(&nests);
	free(nests.at);
	if (r == 0)
		*out = flat;
	else
		mr_value_free(flat);
	return r;
}

/*
 * array - arrays: elements in a cell that grows by halves.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/walk.h"

#define ROOM_MAX (SIZE_MAX / 4 / sizeof(struct mr_value))

static struct mr_value
of_cell(struct mr_array_cell *a)
{
	return (struct mr_value){.type = MR_ARRAY,
	    .form = MR_CELL,
	    .u.cell = (struct mr_cell *)(void *)a};
}

static size_t
cell_size(size_t room)
{
	if (room > ROOM_MAX)
		room = ROOM_MAX; /* which nobody has: the process ends there */
	return sizeof(struct mr_array_cell) + room * sizeof(struct mr_value);
}

struct mr_value
mr_value_array(size_t room)
{
	struct mr_array_cell *a = mr_xmalloc(cell_size(room));

	a->head = (struct mr_cell){.holders = 1, .type = MR_ARRAY};
	a->count = 0;
	a->u.room = room;
	return of_cell(a);
}

static void
grow(struct mr_value *array, size_t room)
{
	struct mr_array_cell *a = mr_xrealloc(mr_array_cell(array), cell_size(room));

	a->u.room = room;
	*array = of_cell(a);
}

struct mr_value
mr_array_cell_of(struct mr_value v)
{
	struct mr_value array, none, val;
	struct mr_array_cell *a;
	struct mr_walk walk;

	if (v.form == MR_CELL)
		return v;
	array = mr_value_array(8);
	a = mr_array_cell(&array);
	mr_walk_init(&walk, &v);
	while (mr_walk_next(&walk, &none, &val)) {
		if (a->count == a->u.room) {
			grow(&array, a->u.room * 2);
			a = mr_array_cell(&array);
		}
		a->at[a->count++] = val;
	}
	return array;
}

struct mr_array_cell *
mr_array_own(struct mr_value *array, size_t more)
{
	struct mr_array_cell *a, *copy;
	struct mr_value of;

	if (array->form != MR_CELL)
		*array = mr_array_cell_of(*array);
	a = mr_array_cell(array);
	if (a->head.holders == 1) {
		if (a->u.room - a->count < more) {
			grow(array, (a->count + more) + (a->count + more) / 2 + 4);
			a = mr_array_cell(array);
		}
		a->head.owned = false;
		return a;
	}
	of = mr_value_array(a->count + more + more / 2);
	copy = mr_array_cell(&of);
	for (size_t i = 0; i < a->count; i++)
		copy->at[i] = mr_value_copy(&a->at[i]);
	copy->count = a->count;
	mr_value_free(*array);
	*array = of;
	return copy;
}

struct mr_value *
mr_array_at(const struct mr_value *array, size_t *count)
{
	*count = mr_array_cell(array)->count;
	return mr_array_cell(array)->at;
}

size_t
mr_value_count(const struct mr_value *v)
{
	struct mr_value cell, none, val;
	struct mr_walk walk;
	size_t n = 0;

	if (v->type != MR_ARRAY && v->type != MR_OBJECT)
		return 0;
	if (v->form == MR_CELL)
		return v->type == MR_ARRAY ? mr_array_cell(v)->count : mr_object_cell(v)->count;
	if (v->type == MR_OBJECT) { /* where keys may come twice */
		cell = mr_object_cell_of(*v);
		n = mr_object_cell(&cell)->count;
		mr_value_free(cell);
		return n;
	}
	mr_walk_init(&walk, v);
	while (mr_walk_next(&walk, &none, &val))
		n++;
	return n;
}

struct mr_value
mr_value_elem(const struct mr_value *array, size_t index)
{
	struct mr_value none, val;
	struct mr_walk walk;

	if (array->form == MR_CELL)
		return index < mr_array_cell(array)->count ?
		    mr_value_copy(&mr_array_cell(array)->at[index]) :
		    MR_VALUE_NULL;
	mr_walk_init(&walk, array);
	while (mr_walk_next(&walk, &none, &val))
		if (index-- == 0)
			return val;
	return MR_VALUE_NULL;
}

struct mr_value
mr_value_push(struct mr_value array, struct mr_value v)
{
	struct mr_array_cell *a = mr_array_own(&array, 1);

	a->at[a->count++] = v;
	return array;
}

struct mr_value
mr_value_set_elem(struct mr_value array, size_t index, struct mr_value v)
{
	struct mr_array_cell *a = mr_array_own(&array, 0);

	if (index >= a->count) {
		a = mr_array_own(&array, index - a->count + 1);
		while (a->count <= index)
			a->at[a->count++] = MR_VALUE_NULL;
	}
	mr_value_free(a->at[index]);
	a->at[index] = v;
	return array;
}

/* In place where nobody else holds it, so that a queue `.[1:] + [$x]` costs no copies of values. */
struct mr_value
mr_value_slice(struct mr_value array, size_t from, size_t to)
{
	struct mr_array_cell *a, *copy;
	struct mr_value of;

	array = mr_array_cell_of(array);
	a = mr_array_cell(&array);
	if (a->head.holders > 1) {
		of = mr_value_array(to - from);
		copy = mr_array_cell(&of);
		for (size_t i = from; i < to; i++)
			copy->at[copy->count++] = mr_value_copy(&a->at[i]);
		mr_value_free(array);
		return of;
	}
	for (size_t i = 0; i < a->count; i++)
		if (i < from || i >= to)
			mr_value_free(a->at[i]);
	if (from > 0)
		memmove(a->at, a->at + from, (to - from) * sizeof *a->at);
	a->count = to - from;
	return array;
}

struct mr_value
mr_value_concat(struct mr_value a, struct mr_value b)
{
	struct mr_array_cell *to, *from;

	b = mr_array_cell_of(b);
	from = mr_array_cell(&b);
	to = mr_array_own(&a, from->count);
	for (size_t i = 0; i < from->count; i++)
		to->at[to->count++] = mr_value_copy(&from->at[i]);
	mr_value_free(b);
	return a;
}

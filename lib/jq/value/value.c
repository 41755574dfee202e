/*
 * value - cells let go and made independent, and the words of jq's errors.
 *
 * Values may be nested deeper than the C stack is, so both walk with a list:
 * cells to be freed are linked through memory that they need no more, cells
 * to be owned lie in a stack of pointers.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"

/* Let go of a value; what becomes free and may hold others is put on the list. */
static void
drop(struct mr_value v, struct mr_cell **list)
{
	if (v.form != MR_CELL || --v.u.cell->holders > 0)
		return;
	switch (v.u.cell->type) {
	case MR_ARRAY: mr_array_cell(&v)->u.next = *list; break;
	case MR_OBJECT: mr_object_cell(&v)->u.next = *list; break;
	default: free(v.u.cell); return;
	}
	*list = v.u.cell;
}

void
mr_value_release(struct mr_value v)
{
	struct mr_cell *list = NULL, *cell;

	v.u.cell->holders = 1; /* was 0 */
	drop(v, &list);
	while ((cell = list)) {
		if (cell->type == MR_ARRAY) {
			struct mr_array_cell *a = (struct mr_array_cell *)(void *)cell;

			list = a->u.next;
			for (size_t i = 0; i < a->count; i++)
				drop(a->at[i], &list);
		} else {
			struct mr_object_cell *o = (struct mr_object_cell *)(void *)cell;

			list = o->u.next;
			for (size_t i = 0; i < o->used; i++) {
				drop(o->at[i].key, &list);
				drop(o->at[i].val, &list);
			}
			free(o->places);
		}
		free(cell);
	}
}

struct todo { /* containers whose contents are to be owned */
	struct mr_value *at;
	size_t count, room;
};

/* Own one value, not what is in it: that is put on the list. */
static void
own_one(struct mr_value *v, struct todo *todo)
{
	if (v->form == MR_TEXT) {
		struct mr_value owned = MR_VALUE_NULL;

		if (v->type == MR_STRING)
			owned = mr_value_decoded(*v);
		else if (v->type == MR_NUMBER)
			owned = mr_value_literal(v->u.text, v->len);
		else if (mr_value_parse(v->u.text, v->len, &owned) != 0) {
			mr_value_free(owned); /* a trusted line that is no JSON */
			owned = MR_VALUE_NULL;
		}
		if (owned.form == MR_TEXT) /* a string without escapes */
			owned = mr_value_string(v->u.text + 1, v->len - 2);
		*v = owned;
		return;
	}
	if (v->form != MR_CELL || v->u.cell->owned)
		return;
	v->u.cell->owned = true; /* will be, before anybody looks */
	if (v->type != MR_ARRAY && v->type != MR_OBJECT)
		return;
	if (todo->count == todo->room) {
		todo->room = todo->room ? todo->room * 2 : 16;
		todo->at = mr_xrealloc(todo->at, todo->room * sizeof *todo->at);
	}
	todo->at[todo->count++] = *v;
}

/* In place also where a cell is shared: it means the same to all its holders. */
struct mr_value
mr_value_own(struct mr_value v)
{
	struct todo todo = {NULL, 0, 0};
	struct mr_value of;

	own_one(&v, &todo);
	while (todo.count > 0) {
		of = todo.at[--todo.count];
		if (of.type == MR_ARRAY) {
			struct mr_array_cell *a = mr_array_cell(&of);

			for (size_t i = 0; i < a->count; i++)
				own_one(&a->at[i], &todo);
		} else {
			struct mr_object_cell *o = mr_object_cell(&of);

			for (size_t i = 0; i < o->used; i++) {
				own_one(&o->at[i].key, &todo);
				own_one(&o->at[i].val, &todo);
			}
		}
	}
	free(todo.at);
	return v;
}

const char *
mr_value_kind(const struct mr_value *v)
{
	switch (v->type) {
	case MR_FALSE:
	case MR_TRUE: return "boolean";
	case MR_NUMBER: return "number";
	case MR_STRING: return "string";
	case MR_ARRAY: return "array";
	case MR_OBJECT: return "object";
	default: return "null";
	}
}

int
mr_value_fail(struct mr_value *out, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	*out = mr_value_string(text, strlen(text));
	return -1;
}

int
mr_value_fail1(struct mr_value *out, struct mr_value v, const char *words)
{
	char room[32];

	mr_value_fail(out, "%s (%s) %s", mr_value_kind(&v), mr_value_show(&v, room), words);
	mr_value_free(v);
	return -1;
}

int
mr_value_fail2(struct mr_value *out, struct mr_value a, struct mr_value b, const char *words)
{
	char room[32], room2[32];

	mr_value_fail(out, "%s (%s) and %s (%s) %s", mr_value_kind(&a), mr_value_show(&a, room),
	    mr_value_kind(&b), mr_value_show(&b, room2), words);
	mr_value_free(a);
	mr_value_free(b);
	return -1;
}

/*
 * path - what `path(f)` remembers on its way through f.
 *
 * As in jq, a step is part of the path only when it is taken from the very
 * value where the last step led: identity, not equality, decides.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "jq/vm/own.h"

/* The first of a path's steps is let go with the last one: no recursion, paths can be long. */
void
mr_track_free(struct mr_vm *vm, struct mr_track *t)
{
	struct mr_track *up;

	for (; t; t = up) {
		mr_value_free(t->key);
		mr_value_free(t->at);
		mr_track_drop(vm, t->outer);
		up = t->up;
		t->up = vm->spare;
		vm->spare = t;
		if (up && --up->holders > 0)
			break;
	}
}

static struct mr_track *
track_new(struct mr_vm *vm)
{
	struct mr_track *t = vm->spare;

	if (t)
		vm->spare = t->up;
	else
		t = mr_xmalloc(sizeof *t);
	*t = (struct mr_track){.holders = 1};
	return t;
}

void
mr_vm_path_begin(struct mr_vm *vm, struct mr_value at)
{
	struct mr_track *t = track_new(vm);

	t->outer = vm->track;
	t->at = at;
	vm->track = t;
}

/* One step further; the key is consumed. */
void
mr_vm_step(struct mr_vm *vm, struct mr_value key, const struct mr_value *at)
{
	struct mr_track *t;

	if (!vm->track) {
		mr_value_free(key);
		return;
	}
	t = track_new(vm);
	t->up = vm->track;
	t->key = key;
	t->at = mr_value_copy(at);
	vm->track = t;
}

static bool
identical(const struct mr_value *a, const struct mr_value *b)
{
	if (a->type != b->type || a->form != b->form)
		return false;
	if (a->form == MR_TEXT)
		return a->u.text == b->u.text;
	if (a->form == MR_CELL)
		return a->u.cell == b->u.cell;
	return a->type != MR_NUMBER || memcmp(&a->u.number, &b->u.number, sizeof a->u.number) == 0;
}

bool
mr_vm_on_path(const struct mr_vm *vm, const struct mr_value *v)
{
	return !vm->track || identical(v, &vm->track->at);
}

int
mr_vm_path_done(struct mr_vm *vm, struct mr_value v, struct mr_value *out)
{
	struct mr_track *t, *outer;
	struct mr_value path;
	size_t n = 0, i;
	char room[32];

	if (!mr_vm_on_path(vm, &v)) {
		mr_value_fail(out, "Invalid path expression with result %s",
		    mr_value_show(&v, room));
		mr_value_free(v);
		return -1;
	}
	mr_value_free(v);
	for (t = vm->track; t->up; t = t->up)
		n++;
	outer = mr_track_copy(t->outer);
	path = mr_value_array(n);
	for (i = 0; i < n; i++)
		path = mr_value_push(path, MR_VALUE_NULL);
	for (t = vm->track; t->up; t = t->up)
		path = mr_value_set_elem(path, --i, mr_value_copy(&t->key));
	mr_track_drop(vm, vm->track);
	vm->track = outer;
	*out = path;
	return 0;
}

static int
lost(struct mr_value of, struct mr_value key, struct mr_value *out)
{
	char room[32], key_room[32];

	mr_value_fail(out, "Invalid path expression near attempt to access element %s of %s",
	    mr_value_show(&key, key_room), mr_value_show(&of, room));
	mr_value_free(of);
	mr_value_free(key);
	return -1;
}

int
mr_vm_off_path(struct mr_value *of, const char *what, struct mr_value *out)
{
	char room[32];

	return mr_value_fail(out, "Invalid path expression near attempt to %s %s", what,
	    mr_value_show(of, room));
}

int
mr_vm_index_path(struct mr_vm *vm, struct mr_value of, struct mr_value key, struct mr_value *out)
{
	if (!mr_vm_on_path(vm, &of))
		return lost(of, key, out) * 2;
	if (mr_value_index(mr_vm_open(vm, of), mr_value_copy(&key), out) < 0) {
		mr_value_free(key);
		return -1;
	}
	mr_vm_step(vm, key, out);
	return 0;
}

int
mr_vm_slice_path(struct mr_vm *vm, struct mr_value of, struct mr_value from, struct mr_value to,
    struct mr_value *out)
{
	struct mr_value key;

	if (!vm->track)
		return mr_value_slice_of(of, from, to, out);
	key = mr_value_object(2);
	key = mr_value_set_member(key, mr_value_string("start", 5), mr_value_copy(&from));
	key = mr_value_set_member(key, mr_value_string("end", 3), mr_value_copy(&to));
	if (!mr_vm_on_path(vm, &of)) {
		mr_value_free(from);
		mr_value_free(to);
		return lost(of, key, out) * 2;
	}
	if (mr_value_slice_of(of, from, to, out) < 0) {
		mr_value_free(key);
		return -1;
	}
	mr_vm_step(vm, key, out);
	return 0;
}

/* getpath(path) is as many steps; of a value off the path it is a value like any other. */
int
mr_vm_getpath(struct mr_vm *vm, struct mr_value of, struct mr_value path, struct mr_value *out)
{
	bool on = vm->track && mr_vm_on_path(vm, &of);
	struct mr_value_iter it;
	struct mr_value key;

	if (mr_value_getpath(mr_vm_open(vm, of), mr_value_copy(&path), out) < 0) {
		mr_value_free(path);
		return -1;
	}
	if (on) {
		mr_value_iter_init(&it, &path);
		while (mr_value_iter_next(&it, NULL, &key) == 1)
			mr_vm_step(vm, key, out);
	}
	mr_value_free(path);
	return 0;
}

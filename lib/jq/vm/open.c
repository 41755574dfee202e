/*
 * open - large arrays and objects that are text, and are indexed again and
 * again.
 *
 * Text is walked for each look into it, which is the fastest way for a few
 * looks and a quadratic one for many.  So looks into a large text are counted,
 * and the fourth makes a cell of it, kept until the run ends; what it holds
 * stays text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jq/value/cell.h"
#include "jq/vm/own.h"

#define LARGE 512
#define LOOKS 4

struct mr_vm_open {
	const char *text; /* NULL: a free place */
	unsigned looks;
	struct mr_value cell; /* MR_VALUE_NONE: not yet */
};

static struct mr_vm_open *
find(struct mr_vm *vm, const char *text)
{
	size_t i = (size_t)((uintptr_t)text * (uintptr_t)0x9e3779b97f4a7c15u >> 20);

	while (vm->open[i &= vm->open_room - 1].text && vm->open[i].text != text)
		i++;
	return &vm->open[i];
}

static void
grow(struct mr_vm *vm)
{
	struct mr_vm_open *old = vm->open;
	size_t room = vm->open_room;

	vm->open_room = room ? room * 2 : 64;
	vm->open = mr_xcalloc(vm->open_room, sizeof *vm->open);
	for (size_t i = 0; i < room; i++)
		if (old[i].text)
			*find(vm, old[i].text) = old[i];
	free(old);
}

const struct mr_value *
mr_vm_opened(struct mr_vm *vm, const struct mr_value *v)
{
	struct mr_vm_open *o;

	if (v->form != MR_TEXT || v->len < LARGE || v->type < MR_ARRAY)
		return v;
	if (vm->nopen * 2 >= vm->open_room)
		grow(vm);
	o = find(vm, v->u.text);
	vm->nopen += !o->text;
	o->text = v->u.text;
	if (++o->looks < LOOKS)
		return v;
	if (o->cell.type == MR_MISSING) {
		o->cell = *v;
		if (v->type == MR_ARRAY)
			mr_array_own(&o->cell, 0);
		else
			mr_object_own(&o->cell);
	}
	return &o->cell;
}

struct mr_value
mr_vm_open(struct mr_vm *vm, struct mr_value v)
{
	struct mr_value cell = mr_value_copy(mr_vm_opened(vm, &v));

	mr_value_free(v);
	return cell;
}

void
mr_vm_close(struct mr_vm *vm)
{
	if (vm->nopen == 0)
		return;
	for (size_t i = 0; i < vm->open_room; i++)
		mr_value_free(vm->open[i].cell);
	free(vm->open);
	vm->open = NULL;
	vm->open_room = vm->nopen = 0;
}

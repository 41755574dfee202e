/*
 * step - instructions that are more than a line.
 */
#include <stdlib.h>

#include "jq/vm/own.h"

extern char **environ;

int
mr_vm_object(struct mr_vm *vm, const struct mr_ins *i, struct mr_value *out)
{
	const struct mr_list *l = &vm->code->lists[i->d];
	const struct mr_operand *o = vm->code->operands + l->from;
	struct mr_value object = mr_value_object(l->n / 2), key;

	for (uint32_t k = 0; k < l->n; k += 2) {
		if (mr_vm_look(vm, o[k].at)->type != MR_STRING) {
			mr_value_free(object);
			return mr_fail_key(mr_value_copy(mr_vm_look(vm, o[k].at)), out);
		}
		key = mr_vm_get(vm, o[k].at, o[k].take);
		object = mr_value_set_member(object, key,
		    mr_vm_get(vm, o[k + 1].at, o[k + 1].take));
	}
	*out = object;
	return 0;
}

/* Strings as they are, anything else as JSON. */
int
mr_vm_concat(struct mr_vm *vm, const struct mr_ins *i, struct mr_value *out)
{
	const struct mr_list *l = &vm->code->lists[i->d];
	const struct mr_operand *o = vm->code->operands + l->from;
	struct mr_buf *text = &vm->run->room, *room = &vm->run->room2;
	const char *bytes;
	size_t len;

	text->len = 0;
	for (uint32_t k = 0; k < l->n; k++) {
		const struct mr_value *v = mr_vm_look(vm, o[k].at);

		if (v->type == MR_STRING) {
			bytes = mr_value_bytes(v, room, &len);
			mr_buf_add(text, bytes, len);
		} else {
			mr_value_write(v, false, text);
		}
	}
	*out = mr_value_append(mr_value_string("", 0), text->at, text->len);
	text->len = room->len = 0;
	for (uint32_t k = 0; k < l->n; k++)
		if (o[k].take)
			mr_vm_put(vm, o[k].at, MR_VALUE_NONE);
	return 0;
}

/* The input is fetched last: an argument may be a copy of it. */
int
mr_vm_native(struct mr_vm *vm, const struct mr_ins *i, struct mr_value *out)
{
	const struct mr_list *l = &vm->code->lists[i->d];
	const struct mr_operand *o = vm->code->operands + l->from;
	struct mr_value args[12];

	for (uint32_t k = l->n; k-- > 0;)
		args[k] = mr_vm_get(vm, o[k].at, o[k].take);
	return vm->code->natives[i->e]->call(vm->run, args, out);
}

static bool
plain_path(const struct mr_value *path)
{
	struct mr_value_iter it;
	struct mr_value own = mr_value_copy(path), key;
	bool plain = true;

	mr_value_iter_init(&it, &own);
	while (plain && mr_value_iter_next(&it, NULL, &key) == 1) {
		plain = key.type == MR_STRING || key.type == MR_NUMBER;
		mr_value_free(key);
	}
	mr_value_free(own);
	return plain;
}

/*
 * What is at a path; the container lets go of it, so that it can be changed in
 * place and put back.  Worth it for cells alone, and not possible for slices.
 */
int
mr_vm_take_path(struct mr_vm *vm, const struct mr_ins *i, struct mr_value *out)
{
	struct mr_value path = mr_vm_get(vm, i->c, false), of;

	of = mr_vm_open(vm, mr_vm_get(vm, i->b, false));
	if (mr_value_getpath(of, mr_value_copy(&path), out) < 0) {
		mr_value_free(path);
		return -1;
	}
	if (!(i->mode & MR_M_TAKE_B) || out->form != MR_CELL || out->type == MR_NUMBER ||
	    !plain_path(&path)) {
		mr_value_free(path);
		return 0;
	}
	of = mr_vm_get(vm, i->b, true);
	if (mr_value_setpath(of, path, MR_VALUE_NULL, &of) < 0) {
		mr_value_free(*out);
		*out = of;
		return -1;
	}
	mr_vm_put(vm, i->b, of);
	return 0;
}

struct mr_value
mr_vm_env(struct mr_vm *vm)
{
	if (vm->env.type == MR_OBJECT)
		return mr_value_copy(&vm->env);
	vm->env = mr_value_object(0);
	for (char **e = vm->run->env ? environ : NULL; e && *e; e++) {
		const char *eq = strchr(*e, '=');

		if (eq)
			vm->env = mr_value_set_member(vm->env,
			    mr_value_string(*e, (size_t)(eq - *e)),
			    mr_value_string(eq + 1, strlen(eq + 1)));
	}
	return mr_value_copy(&vm->env);
}

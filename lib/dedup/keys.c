/*
 * keys - one spelling of the values that make a key.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "dedup/keys.h"
#include "jq/list.h"
#include "json/key.h"

int
mr_keys_add(struct mr_keys *k, struct mr_stage *stage, const char *list, struct mr_err *err)
{
	struct mr_item item;

	while (mr_list_next(&list, &item)) {
		struct mr_field *field;

		if (!item.len)
			return mr_err_set(err, MR_EX_USAGE, "--key: a path is missing");
		k->field = mr_xrealloc(k->field, (k->n + 1) * sizeof *k->field);
		field = &k->field[k->n];
		*field = (struct mr_field)MR_FIELD_NONE;
		k->n++;
		if (mr_field_init(field, stage->scan, item.at, item.len, err))
			return mr_err_prefix(err, "--key");
		stage->thorough |= field->thorough;
	}
	return 0;
}

void
mr_keys_release(struct mr_keys *k)
{
	for (size_t i = 0; i < k->n; i++)
		mr_field_release(&k->field[i]);
	free(k->field);
	mr_buf_release(&k->key);
	mr_buf_release(&k->room);
	k->field = NULL;
	k->n = 0;
}

int
mr_keys_read(struct mr_keys *k, const struct mr_line *line, struct mr_err *err)
{
	k->key.len = 0;
	for (size_t i = 0; i < k->n; i++) {
		if (i)
			mr_buf_addc(&k->key, MR_KEY_SEPARATOR);
		if (mr_field_key(&k->field[i], line, &k->key, &k->room, err))
			return -1;
	}
	return 0;
}

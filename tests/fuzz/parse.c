/*
 * parse: any bytes as a program.  A tree has its places within the text and
 * strings of UTF-8; what is refused is refused with a place within the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jq/lang/ast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct mr_node *n, size_t size)
{
	struct mr_buf room = MR_BUF_INIT;
	size_t len;

	if (!n)
		return;
	if (n->at > size)
		abort();
	if (n->value.type == MR_STRING) {
		const char *at = mr_value_bytes(&n->value, &room, &len);

		if (!mr_utf8_ok(at, len))
			abort();
	}
	mr_buf_release(&room);
	check(n->a, size);
	check(n->b, size);
	check(n->c, size);
	check(n->d, size);
	for (size_t i = 0; i < n->nkids; i++)
		check(n->kids[i], size);
}

static void
check_refusal(const struct mr_err *err, size_t size)
{
	const char *place = strstr(err->text, "at character ");

	if (err->status != MR_EX_USAGE || !err->text[0])
		abort();
	if (place && strtoull(place + 13, NULL, 10) > size + 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_err err = MR_ERR_INIT;
	bool foreign = false;
	struct mr_ast *ast = mr_ast_parse((const char *)data, size, &foreign, &err);

	if (!ast) {
		check_refusal(&err, size);
		return 0;
	}
	if (foreign)
		abort();
	check(mr_ast_root(ast), size);
	mr_ast_free(ast);
	return 0;
}

/*
 * envelope: what is read, written and read again is the same record; nothing
 * but bad records comes of the rest.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same(const struct mr_kbytes *a, const struct mr_kbytes *b)
{
	if (!a->at != !b->at || a->len != b->len || (a->len && memcmp(a->at, b->at, a->len) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mr_kreader *one = mr_kreader_new(), *two = mr_kreader_new();
	struct mr_krecord a, b;
	struct mr_buf line = MR_BUF_INIT;
	struct mr_err err = MR_ERR_INIT;

	if (mr_kreader_line(one, (const char *)data, size, false, &a, &err) < 0) {
		if (err.status != MR_EX_DATA || !*err.text)
			abort();
	} else {
		if (!a.topic.at)
			a.topic = (struct mr_kbytes){"t", 1};
		a.tstype = "create";
		mr_krecord_write(&line, &a);
		if (memchr(line.at, '\n', line.len) ||
		    mr_kreader_line(two, line.at, line.len, false, &b, &err) < 0)
			abort();
		same(&a.topic, &b.topic);
		same(&a.key, &b.key);
		same(&a.payload, &b.payload);
		if (a.partition != b.partition || a.ts != b.ts || a.nheaders != b.nheaders)
			abort();
		for (size_t i = 0; i < a.nheaders; i++) {
			same(&a.headers[i].name, &b.headers[i].name);
			same(&a.headers[i].value, &b.headers[i].value);
		}
	}
	mr_buf_release(&line);
	mr_kreader_free(one);
	mr_kreader_free(two);
	return 0;
}

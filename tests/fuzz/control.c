/*
 * Fuzz the lines of a stream: the first may be a hello, each other one is data, control or
 * broken.  What is taken for control must come out the same when it is written again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stream/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
later_line(const struct mr_hello *hello, const char *at, size_t len)
{
	struct mr_buf again = MR_BUF_INIT;
	struct mr_err err = MR_ERR_INIT;
	struct mr_control c;
	int r = mr_control_parse(hello, at, len, &c, &err);

	if (r < 0 && err.status != MR_EX_WORLD)
		abort();
	if (r == 1 && (c.type == MR_CTL_WM || c.type == MR_CTL_END || c.type == MR_CTL_EOS)) {
		mr_control_write(&again, hello, &c);
		if (again.len != len + 1 || memcmp(again.at, at, len) != 0)
			abort();
	}
	mr_buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct mr_hello hello = {0};
	struct mr_buf again = MR_BUF_INIT;
	struct mr_err err = MR_ERR_INIT;

	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((nl ? nl : end) - at);

		if (hello.there) {
			later_line(&hello, at, len);
		} else if (mr_hello_parse(at, len, &hello, &err) == 1) {
			mr_hello_write(&again, &hello);
			if (again.len != len + 1 || memcmp(again.at, at, len) != 0)
				abort();
		}
		at += len + 1;
	}
	mr_buf_release(&again);
	mr_hello_release(&hello);
	return 0;
}

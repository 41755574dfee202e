/*
 * err - the error record and the one place that writes to standard error.
 *
 * A message is one write(2) below PIPE_BUF: the stages of a pipeline share a
 * terminal, and lines of theirs must not interleave.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

const char *mr_progname = "millrace";

int
mr_err_set(struct mr_err *err, enum mr_status status, const char *fmt, ...)
{
	va_list ap;

	err->status = status;
	err->placed = 0;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
mr_err_sys(struct mr_err *err, const char *fmt, ...)
{
	int saved = errno;
	size_t len;
	va_list ap;

	err->status = MR_EX_WORLD;
	err->placed = 0;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", strerror(saved));
	return -1;
}

int
mr_err_prefix(struct mr_err *err, const char *fmt, ...)
{
	char old[sizeof err->text];
	size_t len;
	va_list ap;

	memcpy(old, err->text, sizeof old);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", old);
	return -1;
}

void
mr_say(const char *fmt, ...)
{
	char line[1024];
	size_t len, i;
	ssize_t n;
	va_list ap;

	len = (size_t)snprintf(line, sizeof line - 1, "%.64s: ", mr_progname);
	va_start(ap, fmt);
	vsnprintf(line + len, sizeof line - 1 - len, fmt, ap);
	va_end(ap);
	len = strlen(line);
	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	do
		n = write(STDERR_FILENO, line, len);
	while (n < 0 && errno == EINTR);
}

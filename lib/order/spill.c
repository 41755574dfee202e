/*
 * spill - keys and bytes to a file and back.
 *
 * A record is the key, its pointer meaning nothing, and then the bytes.  The
 * file has lost its name before anything is in it: it goes with the process,
 * however that ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "order/spill.h"

static int
open_unnamed(const char *dir, struct mr_err *err)
{
	struct mr_buf path = MR_BUF_INIT;
	int fd = -1;

#ifdef O_TMPFILE
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	mr_buf_printf(&path, "%s/millrace-XXXXXX", dir); /* file systems that have names only */
	mr_buf_str(&path);
	fd = mkostemp(path.at, O_CLOEXEC);
	if (fd < 0)
		mr_err_sys(err, "cannot make a temporary file in '%s'", dir);
	else
		unlink(path.at);
	mr_buf_release(&path);
	return fd;
}

int
mr_spill_new(struct mr_spill *s, const char *dir, size_t buffer_bytes, struct mr_err *err)
{
	*s = (struct mr_spill){.dir = dir, .want = buffer_bytes};
	s->fd = open_unnamed(dir, err);
	return s->fd < 0 ? -1 : 0;
}

void
mr_spill_release(struct mr_spill *s)
{
	if (s->fd >= 0)
		close(s->fd);
	mr_buf_release(&s->buf);
	s->fd = -1;
}

static int
write_out(struct mr_spill *s, struct mr_err *err)
{
	size_t done = 0;

	while (done < s->buf.len) {
		ssize_t n = write(s->fd, s->buf.at + done, s->buf.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return mr_err_sys(err, "cannot write a temporary file in '%s'", s->dir);
		done += (size_t)n;
	}
	s->size += (off_t)s->buf.len;
	s->buf.len = 0;
	return 0;
}

int
mr_spill_put(struct mr_spill *s, const struct mr_order_key *key, struct mr_err *err)
{
	mr_buf_add(&s->buf, key, sizeof *key);
	mr_buf_add(&s->buf, key->at, key->len);
	return s->buf.len >= s->want ? write_out(s, err) : 0;
}

/* Have `need` bytes from `at` on in the buffer. */
static int
read_in(struct mr_spill *s, size_t need, struct mr_err *err)
{
	size_t most;

	if (s->buf.len - s->at >= need)
		return 0;
	if (s->at < s->buf.len)
		memmove(s->buf.at, s->buf.at + s->at, s->buf.len - s->at);
	s->buf.len -= s->at;
	s->at = 0;
	most = need > s->want ? need : s->want;
	mr_buf_grow(&s->buf, most - s->buf.len);
	while (s->buf.len < need) {
		ssize_t n = pread(s->fd, s->buf.at + s->buf.len, most - s->buf.len, s->next);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return mr_err_sys(err, "cannot read a temporary file in '%s'", s->dir);
		if (n == 0)
			return mr_err_set(err, MR_EX_WORLD,
			    "cannot read a temporary file in '%s': it has become shorter", s->dir);
		s->buf.len += (size_t)n;
		s->next += n;
	}
	return 0;
}

int
mr_spill_next(struct mr_spill *s, struct mr_err *err)
{
	s->at += sizeof s->key + s->key.len;
	s->left -= (off_t)(sizeof s->key + s->key.len);
	if (s->left == 0)
		return 0;
	if (read_in(s, sizeof s->key, err))
		return -1;
	memcpy(&s->key, s->buf.at + s->at, sizeof s->key);
	if (read_in(s, sizeof s->key + s->key.len, err))
		return -1;
	s->key.at = s->buf.at + s->at + sizeof s->key;
	return 1;
}

int
mr_spill_begin(struct mr_spill *s, struct mr_err *err)
{
	if (write_out(s, err))
		return -1;
	mr_buf_release(&s->buf); /* it may be larger than reading needs */
	s->at = 0;
	if (read_in(s, sizeof s->key, err))
		return -1;
	memcpy(&s->key, s->buf.at, sizeof s->key);
	if (read_in(s, sizeof s->key + s->key.len, err))
		return -1;
	s->key.at = s->buf.at + s->at + sizeof s->key;
	s->left = s->size;
	return 0;
}

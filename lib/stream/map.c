/*
 * map - windows over a file; see map.h.
 *
 * Pages are made ready by one call for many of them, which Linux has since
 * 5.14; without it each would cost a fault, and reads are better.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "stream/map.h"

#define WINDOW ((size_t)512 << 10)
#define LEAST WINDOW /* less is as good read */

#ifdef MADV_POPULATE_READ

/* What the handler must know: a signal is the process's. */
static const char *volatile mapped;

/* A page of the file is there no more.  What is in hand ends in the middle: nothing is to be saved. */
static void
on_bus_error(int signo)
{
	if (mapped) {
		mr_say("'%s' became shorter, or cannot be read, while it was read", mapped);
		_exit(MR_EX_WORLD);
	}
	signal(signo, SIG_DFL);
	raise(signo);
}

/* The bytes of a regular file behind its offset, *from; 0: there are none, or it is no such file. */
static size_t
bytes_left(int fd, off_t *from)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	*from = lseek(fd, 0, SEEK_CUR);
	if (*from < 0 || st.st_size <= *from || (uintmax_t)(st.st_size - *from) > SIZE_MAX / 2)
		return 0;
	return (size_t)(st.st_size - *from);
}

bool
mr_map_open(struct mr_map *m, int fd, const char *name)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), left, before;
	off_t from = 0;
	char *at;

	left = mapped ? 0 : bytes_left(fd, &from);
	if (left < LEAST)
		return false;
	before = (size_t)from % page;
	left = (left + before) / page * page - page; /* what is behind a window is looked at too */
	at = mmap(NULL, left + page, PROT_NONE, MAP_PRIVATE, fd, from - (off_t)before);
	if (at == MAP_FAILED)
		return false;
	*m = (struct mr_map){at + before, left - before, 0, 0};
	if (mprotect(at, page, PROT_READ) < 0 || madvise(at, page, MADV_POPULATE_READ) < 0) {
		munmap(at, left + page);
		m->at = NULL;
		return false;
	}
	mapped = name;
	signal(SIGBUS, on_bus_error);
	return true;
}

/*
 * A page comes with as many more, before it and behind, as the page cache keeps
 * together, which may be megabytes.  So what is not ready yet has no access,
 * and what was let go is mapped no more.
 */
bool
mr_map_next(struct mr_map *m, size_t from)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)m->at % page;
	size_t to = before + from < page ? 0 : (before + from) / page * page - page,
	       end = (before + m->ready) / page * page;
	char *base = (char *)(uintptr_t)m->at - before;

	if (m->ready == m->size)
		return false;
	if (to > m->gone) {
		munmap(base + m->gone, to - m->gone);
		m->gone = to;
	}
	to = end + WINDOW < before + m->size ? end + WINDOW : before + m->size;
	m->ready = to - before;
	if (mprotect(base + end, to + page - end, PROT_READ) < 0 ||
	    madvise(base + end, to - end, MADV_POPULATE_READ) < 0)
		raise(SIGBUS); /* as a look at it would */
	return true;
}

void
mr_map_close(struct mr_map *m, int fd, size_t from)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)m->at % page;

	lseek(fd, (off_t)from, SEEK_CUR);
	munmap((char *)(uintptr_t)m->at - before + m->gone, before + m->size + page - m->gone);
	m->at = NULL;
	mapped = NULL;
}

#else

bool
mr_map_open(struct mr_map *m, int fd, const char *name)
{
	(void)m, (void)fd, (void)name;
	return false;
}

bool
mr_map_next(struct mr_map *m, size_t from)
{
	(void)m, (void)from;
	return false;
}

void
mr_map_close(struct mr_map *m, int fd, size_t from)
{
	(void)m, (void)fd, (void)from;
}

#endif

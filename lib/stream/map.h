/*
 * The pages of a file in place of reads, a window of them at a time.
 *
 * A read copies; where the copy would be scanned at gigabytes a second it is a
 * third of the work.  What is mapped must not shrink meanwhile: a process that
 * finds it did ends with a message and MR_EX_WORLD.
 */
#ifndef MR_STREAM_MAP_H
#define MR_STREAM_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct mr_map {
	const char *at; /* NULL: nothing is mapped */
	size_t size;  /* whole pages of the file, from where it stood: its end is left to read(2) */
	size_t ready; /* so many bytes may be looked at, and as many behind them as a page has */
	size_t gone;  /* pages before are mapped no more */
};

/*
 * Map what fd has left; one at a time.
 * Shape:  name is for the message, and stays until mr_map_close().
 * Return: false: it is no file, too small, or this system cannot: read it.
 */
bool mr_map_open(struct mr_map *, int fd, const char *name);

/* Make the next window ready, and let go what is before `from`.  False: all was. */
bool mr_map_next(struct mr_map *, size_t from);

/* Go on by reads: fd stands at byte `from`. */
void mr_map_close(struct mr_map *, int fd, size_t from);

#endif

/*
 * chunk - copy standard input to standard output N bytes at a time, so that
 * the reader's read(2) returns N bytes at most.
 *
 * Usage: chunk N
 * Standard output must be a pipe: the next bytes go in when the reader has
 * taken the last ones (FIONREAD says 0), which is a condition and not a delay.
 * Ends quietly when the reader left.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int
wait_until_taken(void)
{
	struct pollfd reader = {STDOUT_FILENO, 0, 0};
	int held;

	for (;;) {
		if (ioctl(STDOUT_FILENO, FIONREAD, &held) < 0)
			return -1;
		if (held && poll(&reader, 1, 0) > 0 && reader.revents & POLLERR)
			return -1; /* it left, and what it did not take stays */
		if (held == 0)
			return 0;
		sched_yield();
	}
}

int
main(int argc, char **argv)
{
	long n = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	char *at = n > 0 ? malloc((size_t)n) : NULL;
	ssize_t got = 0;

	if (!at) {
		fprintf(stderr, "usage: chunk N\n");
		return 2;
	}
	while ((got = read(STDIN_FILENO, at, (size_t)n)) > 0)
		if (write(STDOUT_FILENO, at, (size_t)got) != got || wait_until_taken() < 0)
			break;
	free(at);
	if (got != 0)
		perror("chunk");
	return got != 0;
}

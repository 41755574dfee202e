/*
 * latency - how long events take through a pipe, or through a command in it.
 *
 * Usage: latency RATE SECONDS [COMMAND]
 * One process writes RATE events a second into the pipe, each with the time at
 * which it was written; this one reads what comes out of COMMAND (run by sh;
 * without it, out of the pipe itself) and compares the clock with the member `at`
 * of each line, wherever it stands: the event's own, or of a result.  Prints
 * `EVENTS P50 P99 P99.9 MAX`, in microseconds.  The first tenth, while the
 * stages start, is not counted.  An event that does not come back is an error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000, ROOM = 1 << 18 };

static const char stamp[] = "\"at\":"; /* and the time behind it */

_Noreturn static void
die(const char *what)
{
	fprintf(stderr, "latency: %s: %s\n", what, strerror(errno));
	exit(4);
}

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* One write for each event, at its own time: a quiet stream, not a batch. */
_Noreturn static void
write_events(int to, uint64_t rate, uint64_t count)
{
	uint64_t start = now() + SECOND / 10;
	char line[160];

	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t due = start + i * SECOND / rate;
		struct timespec at = {(time_t)(due / SECOND), (long)(due % SECOND)};
		int len;

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
		len = snprintf(line, sizeof line,
		    "{%s%" PRIu64 ",\"zone\":\"Mitte\",\"status\":\"completed\",\"fare\":12.50}\n",
		    stamp, now());
		if (write(to, line, (size_t)len) != len)
			_exit(4);
	}
	_exit(0);
}

static size_t
read_lines(char *buf, size_t len, uint64_t at, uint32_t *took, size_t *n, size_t max)
{
	char *line = buf, *lf, *found;

	while ((lf = memchr(line, '\n', len - (size_t)(line - buf)))) {
		found = memmem(line, (size_t)(lf - line), stamp, sizeof stamp - 1);
		if (found && *n < max) {
			uint64_t from = strtoull(found + sizeof stamp - 1, NULL, 10);

			took[(*n)++] = (uint32_t)((at - from) / 1000);
		}
		line = lf + 1;
	}
	len -= (size_t)(line - buf);
	memmove(buf, line, len);
	return len;
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
report(uint32_t *took, size_t n)
{
	size_t skip = n / 10;

	took += skip;
	n -= skip;
	qsort(took, n, sizeof *took, by_size);
	printf("%zu %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", n, took[n / 2],
	    took[n - 1 - n / 100], took[n - 1 - n / 1000], took[n - 1]);
}

/* The read end of what comes out; *in is the write end of what goes in. */
static int
open_pipe(const char *command, int *in)
{
	int into[2], from[2];
	pid_t pid;

	if (pipe(into) < 0)
		die("cannot make a pipe");
	*in = into[1];
	if (!command)
		return into[0];
	if (pipe(from) < 0 || (pid = fork()) < 0)
		die("cannot start");
	if (pid == 0) {
		dup2(into[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		for (int i = 0; i < 2; i++) {
			close(into[i]);
			close(from[i]);
		}
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(into[0]);
	close(from[1]);
	return from[0];
}

int
main(int argc, char **argv)
{
	static char buf[ROOM];
	uint64_t rate, count;
	uint32_t *took;
	size_t len = 0, n = 0;
	int in, out, status, bad = 0;
	ssize_t got;

	if (argc < 3 || argc > 4 || (rate = strtoull(argv[1], NULL, 10)) == 0 ||
	    (count = rate * strtoull(argv[2], NULL, 10)) == 0) {
		fprintf(stderr, "usage: latency RATE SECONDS [COMMAND]\n");
		return 2;
	}
	if (!(took = malloc(count * sizeof *took)))
		die("no memory");
	out = open_pipe(argc > 3 ? argv[3] : NULL, &in);
	if (fork() == 0) {
		close(out);
		write_events(in, rate, count);
	}
	close(in);
	while ((got = read(out, buf + len, ROOM - len)) > 0)
		len = read_lines(buf, len + (size_t)got, now(), took, &n, count);
	while (wait(&status) > 0)
		bad |= status;
	if (bad || n < count) {
		fprintf(stderr, "latency: %zu of %" PRIu64 " events came back\n", n, count);
		return 4;
	}
	report(took, n);
	return 0;
}

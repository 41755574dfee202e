/*
 * meter - run a command and append what it took to a file.
 *
 * Usage: meter FILE NAME COMMAND [ARG ...]
 * The line is `NAME SECONDS USER SYSTEM PEAK_KIB STATUS`, written whole, so the
 * stages of a pipeline can share the file.  The exit status is the command's;
 * a signal that ends the command ends meter too, so the shell sees the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;

static void
pass_on(int sig)
{
	if (child > 0)
		kill((pid_t)child, sig);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static int
append(const char *path, const char *name, double wall, const struct rusage *used, int status)
{
	char line[512];
	long kib = used->ru_maxrss;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666), len;
	ssize_t wrote;

#ifdef __APPLE__
	kib /= 1024; /* bytes there */
#endif
	if (fd < 0)
		return -1;
	len = snprintf(line, sizeof line, "%.200s %.6f %.6f %.6f %ld %d\n", name, wall,
	    seconds(used->ru_utime), seconds(used->ru_stime), kib, status);
	wrote = write(fd, line, (size_t)len);
	return close(fd) < 0 || wrote != len ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct sigaction act = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	struct rusage used;
	double begin = now();
	int status, code;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: meter FILE NAME COMMAND [ARG ...]\n");
		return 125;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		fprintf(stderr, "meter: cannot run '%s': %s\n", argv[3], strerror(errno));
		_exit(127);
	}
	/* The pipe's ends belong to the command alone: its neighbours wait for them to close. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	child = (sig_atomic_t)pid;
	sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN; /* the terminal tells the command itself */
	sigaction(SIGINT, &act, NULL);
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0) {
		perror("meter");
		return 125;
	}
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (append(argv[1], argv[2], now() - begin, &used, code) < 0) {
		perror(argv[1]);
		return 125;
	}
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	return code;
}

/*
 * rss - run a command and say how much memory it took at most.
 *
 * Usage: rss FILE COMMAND [ARG ...]
 * The peak resident size in KiB goes to FILE; the exit status is the
 * command's, 128 + N when signal N ended it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage used;
	FILE *to;
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: rss FILE COMMAND [ARG ...]\n");
		return 125;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) < 0 || !(to = fopen(argv[1], "w"))) {
		perror("rss");
		return 125;
	}
	fprintf(to, "%ld\n", used.ru_maxrss);
	fclose(to);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

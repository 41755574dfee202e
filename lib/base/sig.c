/*
 * sig - flags and a self-pipe, the only things a handler may touch.
 *
 * The statics are the process's, as signals are; stages never see them but
 * through mr_stage_stopping().
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/sig.h"

static volatile sig_atomic_t stop, usr1, written;
static volatile time_t stopped_at;
static int pipe_fds[2] = {-1, -1};

static time_t
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* The second request, a second or more behind the first, is no longer a request. */
static void
on_signal(int signo)
{
	int saved = errno;

	if (signo == SIGUSR1) {
		usr1 = 1;
	} else if (!stop) {
		stop = 1;
		stopped_at = seconds();
	} else if (seconds() - stopped_at > 0) {
		signal(signo, SIG_DFL);
		raise(signo);
	}
	written = 1;
	if (write(pipe_fds[1], "", 1) < 0)
		errno = saved; /* full: the reader wakes anyway */
	errno = saved;
}

int
mr_sig_init(struct mr_err *err)
{
	struct sigaction act;

	if (pipe_fds[0] >= 0)
		return 0;
	if (pipe(pipe_fds) < 0)
		return mr_err_sys(err, "cannot make a pipe");
	for (int i = 0; i < 2; i++) {
		fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK);
		fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC);
	}
	memset(&act, 0, sizeof act);
	sigemptyset(&act.sa_mask);
	act.sa_handler = on_signal;
	act.sa_flags = SA_RESTART;
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGUSR1, &act, NULL);
	signal(SIGPIPE, SIG_DFL); /* a parent may have left it ignored */
	return 0;
}

int
mr_sig_fd(void)
{
	return pipe_fds[0];
}

bool
mr_sig_stop(void)
{
	return stop;
}

bool
mr_sig_usr1(void)
{
	char drain[64];
	bool came;

	if (!written)
		return false;
	written = 0;
	while (pipe_fds[0] >= 0 && read(pipe_fds[0], drain, sizeof drain) > 0)
		;
	came = usr1;
	usr1 = 0;
	return came;
}

/*
 * Signals: TERM and INT ask for a stop, USR1 for a line of status.
 *
 * The handlers only set flags and write a byte into a pipe, whose read end
 * mr_sig_fd() a caller polls beside its input.
 */
#ifndef MR_BASE_SIG_H
#define MR_BASE_SIG_H

#include <stdbool.h>

#include "base/err.h"

int mr_sig_init(struct mr_err *err); /* idempotent; ignores nothing, SIGPIPE stays deadly */
int mr_sig_fd(void);                 /* readable once a signal came; -1 before init */
bool mr_sig_stop(void);              /* TERM or INT came; the second one kills */
bool mr_sig_usr1(void);              /* USR1 came since the last call */

#endif

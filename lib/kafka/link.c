/*
 * link - when to go on waiting for a cluster and when to give up, and why.
 */
#include <stdio.h>
#include <string.h>

#include "kafka/link.h"
#include "stream/stage.h" /* the clock */
#include "time/duration.h"

#define SAY_AFTER_MS 2000 /* a broker that restarts needs no message */
#define PROBE_EVERY_MS 1000

/* Which property, option or right is to be changed. */
static const char *
remedy(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TIMED_OUT: return "check -b, KAFKA_BROKERS or bootstrap.servers";
	case RD_KAFKA_RESP_ERR__SSL:
		return "check security.protocol, ssl.ca.location and ssl.certificate.location";
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
		return "check security.protocol, sasl.mechanism, sasl.username and sasl.password";
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		return "the user of sasl.username needs an ACL for the topic";
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		return "the user of sasl.username needs an ACL for the group (-G)";
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		return "the user needs the right IdempotentWrite, or set enable.idempotence=false";
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: return "create the topic, or check its name and -b";
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
		return "names are made of letters, digits, '.', '_' and '-'";
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return "check -p; -p -1 lets the key choose";
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		return "the records are gone: check -o and the retention.ms of the topic";
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
		return "raise message.max.bytes here and max.message.bytes of the topic";
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT: return "raise --retry-for, or message.timeout.ms";
	case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
	case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
		return "fewer replicas are in sync than the topic's min.insync.replicas";
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE: return "the broker is too old for it";
	default: return NULL;
	}
}

/* What no other try can mend. */
static bool
wrong_use(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION ||
	    code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

int
mr_kafka_error(struct mr_err *err, rd_kafka_resp_err_t code, const char *why, const char *fmt, ...)
{
	const char *hint = remedy(code);
	size_t len;
	va_list ap;

	err->status = wrong_use(code) ? MR_EX_USAGE : MR_EX_WORLD;
	err->placed = 0;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s%s%s",
	    why && *why ? why : rd_kafka_err2str(code), hint ? ": " : "", hint ? hint : "");
	return -1;
}

void
mr_klink_init(struct mr_klink *l, struct mr_kconf *conf, void *opaque,
    void (*error_cb)(rd_kafka_t *, int, const char *, void *))
{
	*l = (struct mr_klink){.conf = conf};
	mr_kconf_get(conf, "bootstrap.servers", l->brokers, sizeof l->brokers);
	rd_kafka_conf_set_opaque(conf->rd, opaque);
	rd_kafka_conf_set_error_cb(conf->rd, error_cb);
}

static void
went_down(struct mr_klink *l)
{
	if (l->down_ms)
		return;
	l->down_ms = mr_clock_ms();
	l->probe_ms = l->down_ms;
	l->said = false;
}

void
mr_klink_error(struct mr_klink *l, rd_kafka_t *rk, int code, const char *reason)
{
	if (l->refused) /* the lost connections that follow say less */
		return;
	switch (code) {
	case RD_KAFKA_RESP_ERR__FATAL:
		l->code = rd_kafka_fatal_error(rk, l->fatal, sizeof l->fatal);
		return;
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: went_down(l); return; /* the reason came before */
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL: l->refused = !l->was_up; break;
	default: break;
	}
	l->code = (rd_kafka_resp_err_t)code;
	snprintf(l->last, sizeof l->last, "%s", reason);
	if (l->conf->verbose)
		mr_say("%s", reason);
}

void
mr_klink_failed(struct mr_klink *l, const char *reason)
{
	if (!*l->last)
		snprintf(l->last, sizeof l->last, "%s", reason);
	if (!l->code)
		l->code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	went_down(l);
}

void
mr_klink_up(struct mr_klink *l)
{
	if (l->said && l->down_ms && !l->conf->quiet)
		mr_say("a broker answers again");
	l->down_ms = 0;
	l->was_up = true;
}

static void
probe(struct mr_klink *l, rd_kafka_t *rk, int wait_ms)
{
	const struct rd_kafka_metadata *md;

	if (rd_kafka_metadata(rk, 0, NULL, &md, wait_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	rd_kafka_metadata_destroy(md);
	mr_klink_up(l);
}

int
mr_klink_check(struct mr_klink *l, rd_kafka_t *rk, int wait_ms, struct mr_err *err)
{
	char room[64];
	int64_t now;

	if (*l->fatal)
		return mr_kafka_error(err, l->code, l->fatal, "the client has failed");
	if (l->refused)
		return mr_kafka_error(err, l->code, l->last, "the cluster at '%s' refuses",
		    l->brokers);
	if (!l->down_ms)
		return 0;
	now = mr_clock_ms();
	if (wait_ms > 0 && now - l->probe_ms >= PROBE_EVERY_MS) {
		l->probe_ms = now;
		probe(l, rk, wait_ms);
		if (!l->down_ms)
			return 0;
	}
	if (l->conf->retry_ms >= 0 && now - l->down_ms >= l->conf->retry_ms)
		return mr_kafka_error(err, l->code, l->last, "no broker at '%s' answers for %s",
		    l->brokers, mr_duration_text(l->conf->retry_ms, room));
	if (!l->said && now - l->down_ms >= SAY_AFTER_MS) {
		l->said = true;
		if (!l->conf->quiet)
			mr_say("no broker at '%s' answers: %s: trying %s%s", l->brokers,
			    *l->last ? l->last : "no reason given",
			    l->conf->retry_ms < 0 ? "for ever" : "for ",
			    l->conf->retry_ms < 0 ? "" : mr_duration_text(l->conf->retry_ms, room));
	}
	return 0;
}

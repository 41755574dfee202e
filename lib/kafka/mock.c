/*
 * mock - serve a mock cluster until somebody says stop.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <string.h>

#include "base/sig.h"
#include "kafka/mock.h"

struct mock {
	rd_kafka_t *rk;
	rd_kafka_mock_cluster_t *cluster;
	bool said;
};

static int
pull(void *self, int wait_ms, struct mr_out *out, struct mr_err *err)
{
	struct mock *m = self;
	const char *address = rd_kafka_mock_cluster_bootstraps(m->cluster);

	if (!m->said) {
		m->said = true;
		return mr_out_line(out, address, strlen(address), err) < 0 ? -1 : 1;
	}
	poll(NULL, 0, wait_ms);
	return 1;
}

static void
release(void *self)
{
	struct mock *m = self;

	if (m->cluster)
		rd_kafka_mock_cluster_destroy(m->cluster);
	if (m->rk)
		rd_kafka_destroy(m->rk);
}

static void
drop_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk;
	(void)level;
	(void)facility;
	(void)text;
}

int
mr_kmock_stage(struct mr_stage *stage, int brokers, struct mr_err *err)
{
	struct mock *m = mr_stage_self(stage, sizeof *m);
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];

	stage->pull = pull;
	stage->release = release;
	rd_kafka_conf_set_log_cb(conf, drop_log);
	if (!(m->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why))) {
		rd_kafka_conf_destroy(conf);
		return mr_err_set(err, MR_EX_WORLD, "cannot start a mock cluster: %s", why);
	}
	if (!(m->cluster = rd_kafka_mock_cluster_new(m->rk, brokers)))
		return mr_err_set(err, MR_EX_WORLD, "cannot start a mock cluster");
	return 0;
}

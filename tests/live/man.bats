#!/usr/bin/env bats
# The examples of the manual pages that need Kafka or PostgreSQL.
load ../helper
load ../man
load servers

setup_file() {
	servers kafka postgres
}

teardown_file() {
	servers_down
}

@test "man: the examples with servers print what the pages say" {
	run_examples live
}

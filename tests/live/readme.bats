# The recipes of README.md that need a server; the others are in ../readme.bats.
bats_require_minimum_version 1.5.0
load ../helper
load ../readme
load servers

setup_file() {
	servers kafka postgres
	[ ! -e "$BATS_FILE_TMPDIR/skip" ] || return 0
	topic rides 4
	rides -n 20000 --seed 3 --late 0 | ksink -k .ride_id --time .ts rides
}

teardown_file() {
	servers_down
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	servers_ready
	sql -c "create schema t$BATS_TEST_NUMBER"
	export PGOPTIONS="-c search_path=t$BATS_TEST_NUMBER -c client_min_messages=warning"
}

# run_live COMMAND TABLE: run it until the table has its last full hour, then end ksrc.
run_live() {
	local pipeline
	ksrc() {
		command ksrc "$@" &
		echo $! >ksrc.pid
		wait $!
	}
	full() {
		[ "$(sql -c "select count(*) > 0 from $1 where window_start >= '2026-03-02T23:00Z'" 2>/dev/null)" = t ]
	}
	( eval "$1" ) >out 2>&1 3>&- &
	pipeline=$!
	until_true 60 full "$2"
	kill "$(cat ksrc.pid)"
	wait "$pipeline"
}

@test "readme: live, from Kafka to Postgres" {
	split_recipe live
	run_live "set -o pipefail; $(cat cmd.1)" rides_per_minute
	[ "$(sql -c 'select count(*) > 5000 from rides_per_minute')" = t ]
}

@test "readme: backfill" {
	readme backfill
}

@test "readme: together with kcat" {
	readme kcat
}

@test "readme: a service for systemd" {
	recipe systemd >unit
	command=$(sed -n "s/^ExecStart=\/bin\/bash -c '\(.*\)'$/\1/p" unit)
	run_live "$command" live
	once=$(sql -c 'table live order by window_start, zone')
	# Started again, it changes nothing; what was full is still full, so wait for a row that is gone.
	sql -c "delete from live where window_start >= '2026-03-02T23:00Z'"
	run_live "$command" live
	[ "$(sql -c "select count(*) - count(distinct (window_start, zone)) from live")" = 0 ]
	[ -n "$once" ]
	[ "$(sql -c "select * from live where window_start < '2026-03-02T23:00Z' order by window_start, zone" | md5sum)" = \
	    "$(grep -v '^2026-03-02 23:' <<<"$once" | md5sum)" ]
	grep -q '^RestartPreventExitStatus=1 2 3 5$' unit
}

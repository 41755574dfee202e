# The whole pipeline on a real broker and a real database.  The oracle is SQL
# over the raw events in that database: tests/demo/rides.sql.
bats_require_minimum_version 1.5.0
load ../helper
load servers

setup_file() {
	servers kafka postgres
}

teardown_file() {
	servers_down
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	servers_ready
	set -o pipefail
}

all_aggregates='rides=count, fare=sum(.fare), tips=sum(.tip), mean=avg(.fare), low=min(.tip), high=max(.fare), opener=first(.vendor), closer=last(.ride_id)'

# The seeds are such that no two rides of a zone share the first or the last
# millisecond of a minute: of those, first and last take what came first or last.

# The same in SQL.  The mean is divided at 40 digits and rounded once; a table
# or view of rides is $1.
in_sql() {
	echo "select date_trunc('minute', ts) as window_start, zone, count(*), trim_scale(sum(fare))::text,
	    trim_scale(sum(tip))::text, (sum(fare)::numeric(80, 40) / count(fare))::float8::text,
	    min(tip)::text, max(fare)::text, (array_agg(vendor order by ts, n))[1],
	    (array_agg(j->>'ride_id' order by ts desc, n desc))[1]
	    from $1 join (select n, line::jsonb as j from raw) r using (n)
	    where status = 'completed' group by 1, 2"
}

got="select window_start, zone, rides, fare::text, tips::text, mean::float8::text, low::text, high::text, opener, closer from rides_per_minute"

@test "pipeline: 4 partitions into a table, equal to the recomputation in SQL" {
	rides -n 40000 --seed 37 --late 0.002 >rides.ndjson
	topic all 4
	ksink -k .ride_id all <rides.ndjson
	oracle rides.ndjson
	ksrc --time .ts -e all | jfilter '.status=="completed"' |
	    jwindow --tumble 60s --by .zone --agg "$all_aggregates" --late-to late.ndjson |
	    pgsink --create rides_per_minute
	same "$got" "$(in_sql on_time)"
	# What is left out is in the file, all of it, byte for byte.
	sql -c "select r.line from raw r join ride using (n) where status = 'completed'
	    and n not in (select n from on_time)" | sort >missing
	[ -s missing ]
	sed 's/.*"line"://; s/}$//' late.ndjson | sort | cmp - missing
}

@test "pipeline: the literal line, with only the environment set, into a table that is there" {
	rides -n 30000 --seed 8 --late 0 >rides.ndjson
	topic rides 4
	ksink -k .ride_id --time .ts rides <rides.ndjson
	oracle rides.ndjson
	sql -c 'create table rides_per_minute (window_start timestamptz, window_end timestamptz, count bigint)'
	# Only to have something to stop: the line runs as it stands.
	ksrc() {
		command ksrc "$@" &
		echo $! >ksrc.pid
		wait $!
	}
	(
		eval "ksrc rides | jfilter '.status==\"completed\"' | jwindow --tumble 60s | pgsink rides_per_minute"
	) 3>&- &
	pipeline=$!
	nearly_all() {
		[ -n "$(sql -c "select 1 from rides_per_minute where window_start >= '2026-03-02T23:58Z'" | head -c 1)" ]
	}
	until_true 60 nearly_all
	kill "$(cat ksrc.pid)"
	wait "$pipeline"
	same "select window_start, count from rides_per_minute where window_start < '2026-03-02T23:59Z'" \
	    "select window_start, sum(rides)::bigint from expected where window_start < '2026-03-02T23:59Z' group by 1"
}

@test "pipeline: without a table pgsink says the DDL and --create" {
	sql -c "create schema t$BATS_TEST_NUMBER"
	export PGOPTIONS="-c search_path=t$BATS_TEST_NUMBER"
	rides -n 100 >rides.ndjson
	run --separate-stderr bash -c "jfilter '.status==\"completed\"' <rides.ndjson | jwindow --tumble 60s | pgsink rides_per_minute"
	[ "$status" -ne 0 ]
	[[ $stderr == *"pgsink: "*"--create"*"CREATE TABLE "* ]]
	[[ $stderr == *'"window_start" timestamptz'* ]]
	[[ $stderr == *'"count" bigint'* ]]
}

@test "pipeline: a day in 8 partitions, loaded one after the other, gives the windows of one" {
	topic backlog 8
	rides -n 80000 --seed 29 --late 0 >rides.ndjson
	for k in 0 1 2 3 4 5 6 7; do
		rides -n 80000 --seed 29 --late 0 --part $k/8 | ksink -p $k backlog
	done
	jfilter '.status=="completed"' rides.ndjson |
	    jwindow --tumble 60s --by .zone --agg "$all_aggregates" >one.ndjson
	ksrc --time .ts -e backlog | jfilter '.status=="completed"' |
	    jwindow --tumble 60s --by .zone --agg "$all_aggregates" >eight.ndjson
	[ "$(wc -l <one.ndjson)" -gt 10000 ]
	cmp one.ndjson eight.ndjson
	oracle rides.ndjson
	pgsink --create rides_per_minute <eight.ndjson
	same "$got" "$(in_sql ride)"
}

@test "pipeline: what is late is what SQL says is late, to the millisecond" {
	seed=${MR_SEED:-$RANDOM}
	echo "MR_SEED=$seed"
	rides -n 60000 --seed "$seed" --late 0.02 >rides.ndjson
	oracle rides.ndjson
	# A lag far below the 15 s of the data: thousands of rides are late.
	jwindow --tumble 60s --by .zone --agg "$all_aggregates" --lag 2s --late-to late.ndjson rides.ndjson |
	    pgsink --create rides_per_minute
	sql -c "create view judged as select *, coalesce(date_trunc('minute', ts) + interval '59.999 s'
	    <= newest - interval '2 s', false) as late from ride"
	[ "$(wc -l <late.ndjson)" -gt 1500 ]
	[ "$(wc -l <late.ndjson)" = "$(sql -c 'select count(*) from judged where late')" ]
	same "$got" "$(in_sql '(select * from judged where not late) on_time' | sed "s/where status = 'completed'//")"
}

@test "pipeline: a stage that dies upstream is status 4, and its windows are not results" {
	rides -n 5000 --seed 11 --late 0 >rides.ndjson
	topic broken 1
	ksink broken <rides.ndjson
	sql -c "create schema t$BATS_TEST_NUMBER"
	export PGOPTIONS="-c search_path=t$BATS_TEST_NUMBER"
	# head ends after 4000 lines, without the end that the stream announced
	ksrc --time .ts -e broken 2>/dev/null | head -n 4000 | jwindow --tumble 60s 2>err |
	    pgsink --create rides_per_minute 2>/dev/null || statuses=("${PIPESTATUS[@]}")
	[ "${statuses[2]}" = 4 ]
	grep -q '^jwindow: ' err
}

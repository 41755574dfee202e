# The demonstration itself, which is the first command of README.md, and the benchmark, small.
bats_require_minimum_version 1.5.0
load ../helper
load ../readme

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	chmod 755 . tmp
	export COLUMNS=80 TMPDIR=$PWD/tmp BUILD=${MR_BUILD:-$MR_TOP/build}
}

same_but_measured() {
	sed -E 's/127[.0-9]+:[0-9]+/ADDRESS/; s/(throwaway, in ).*/\1/; s/Postgres  [0-9.]+/Postgres/; s/ *[0-9]+\.[0-9]+ (s|MB)/ N \1/g; s/ +$//; /^$/d'
}

@test "demo: shows the pipeline, the table, the chart, and leaves nothing behind" {
	run -0 "$MR_TESTS/demo/run" </dev/null
	[[ $output == *'ksrc --time .ts -e rides |'*'pgsink --create rides_per_minute'* ]]
	[[ $output == *'window_start'*'rides per minute'*'00:00'* ]]
	[[ $output == *'the table equals the recomputation in SQL.'* ]]
	[[ $output != *$'\033['* ]]
	[ -z "$(ls tmp)" ]
	# README.md shows it, but for addresses and measurements.
	recipe demo | sed 1d | same_but_measured >there
	same_but_measured <<<"$output" | diff there -
}

@test "demo: ends on TERM, and leaves nothing behind" {
	"$MR_TESTS/demo/run" >out 2>err </dev/null 3>&- &
	pid=$!
	for _ in {1..500}; do [ -s out ] && break; sleep 0.02; done
	kill $pid
	status=0
	wait $pid || status=$?
	[ $status = 143 ] || { cat out err; return 1; }
	[ -z "$(ls tmp)" ]
}

@test "bench: measures, and compares the table, here with few rides" {
	N=20000 RUNS=1 run -0 "$MR_TESTS/bench/run" main source sink
	[ "$(grep -c 'equal to the recomputation in SQL' <<<"$output")" = 2 ]
	[[ $output == *'first row after'*'pgsink --mode upsert'* ]]
	[ -z "$(ls tmp)" ]
	run -2 "$MR_TESTS/bench/run" nosuch
}

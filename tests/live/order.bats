# The same events in any order within the lag, over 8 partitions of a real topic, and live:
# the bytes of the file.
bats_require_minimum_version 1.5.0
load ../helper
load servers

rounds=20

# Every aggregate that does not depend on the order of arrival; no two events have the same
# time, so that first and last do not.
aggregates='n=count, s=sum(.v), a=avg(.v), i=min(.v), x=max(.w), f=first(.w), l=last(.v), sd=stddev(.v),
    md=median(.v), q=quantile(.v; 0.9), ds=distinct(.w), t=top(.w; 2), any=any(.b), all=all(.b),
    r=rate(per 1m), c=collect(.v; 3), big=count where .v > 50'
windows=('--tumble 10s' '--tumble 1d --tz Europe/Paris' '--hop 30s/7s' '--cumulate 1m/10s' '--session 3s'
    '--hop 20s/5s --late 5s')

setup_file() {
	servers kafka
	cd "$BATS_FILE_TMPDIR" || return 1
	set -o pipefail
	# a key that comes often, and some that are silent for a while
	awk 'BEGIN {
		srand(5)
		for (i = 0; i < 3000; i++) {
			ms = 1767221760000 + i * 171 + int(rand() * 150)
			k = rand() < 0.5 ? 0 : int(rand() * 6) + (int(i / 300) % 3) * 6
			printf "{\"ts\":%.0f,\"k\":\"k%d\",\"v\":%s,\"w\":\"%s\",\"b\":%s,\"id\":%d}\n", ms, k,
			    rand() < 0.1 ? "null" : int(rand() * 10000) / 100, substr("abcdefghij", 1 + int(rand() * 10), 3),
			    rand() < 0.5 ? "true" : "false", i
		}
	}' >sorted
	windows_of . <sorted
}

teardown_file() {
	servers_down
}

# With --late, the last windows are final when the end of the input finds them, and not when the
# last watermark does: which one comes first is a matter of time where partitions end one by one.
no_final() {
	sed 's/,"final":[a-z]*//'
}

# windows_of DIR: what each window makes of the stream, in DIR/0, DIR/1, ...
windows_of() {
	local i
	cat >"$1/stream"
	for i in "${!windows[@]}"; do
		# shellcheck disable=SC2086	# options are words
		jwindow ${windows[i]} --by .k --agg "$aggregates" <"$1/stream" | no_final >"$1/$i" || return 1
		[ "$(wc -l <"$1/$i")" -gt 20 ]
	done
}

# The bytes are those of the sorted file.
same_windows() {
	local i
	for i in "${!windows[@]}"; do
		cmp "$BATS_FILE_TMPDIR/$i" "$1/$i" || { echo "${windows[i]}"; return 1; }
	done
}

# shuffled SEED: up to 14.9 s out of order, each line with a partition of 8.
shuffled() {
	awk -v seed="$1" 'BEGIN {srand(seed)} {
		match($0, /[0-9]+/)
		printf "%.0f\t%d\t%s\n", substr($0, RSTART, RLENGTH) + int(rand() * 14900), int(rand() * 8), $0
	}' "$BATS_FILE_TMPDIR/sorted" | sort -n | cut -f 2-
}

# Lines with a partition, as envelopes.
envelopes() {
	awk -F '\t' '{gsub(/"/, "\\\"", $2); printf "{\"partition\":%d,\"payload\":\"%s\"}\n", $1, $2}'
}

@test "order: shuffles of a file give the bytes of the sorted one" {
	for seed in 101 102 103; do
		mkdir $seed
		shuffled $seed | cut -f 2 | windows_of $seed
		same_windows $seed
	done
}

@test "order: $rounds times over 8 partitions at random: the bytes of the file" {
	for ((seed = 1; seed <= rounds; seed++)); do
		echo "seed $seed"
		topic order$seed 8
		shuffled $seed | envelopes | ksink -J order$seed
		mkdir $seed
		ksrc -e --time .ts order$seed | windows_of $seed
		[ "$(grep -c '^{"ts":' $seed/stream)" = 3000 ]
		run ! sort -c $seed/stream	# it is out of order, and has watermarks
		grep -q '"t":"wm"' $seed/stream
		same_windows $seed
	done
	echo "# $rounds topics, ${#windows[@]} windows of each, equal to the file" >&3
}

@test "order: sorted within each partition, loaded one after the other: the bytes of the file" {
	topic loaded 8
	awk '{printf "%d\t%s\n", NR * 7919 % 8, $0}' "$BATS_FILE_TMPDIR/sorted" | sort -s -n -k 1,1 |
	    envelopes | ksink -J loaded
	mkdir loaded
	ksrc -e --time .ts loaded | windows_of loaded
	same_windows loaded
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	servers_ready
	set -o pipefail
}

# A test that failed half-way leaves programs that wait for events.
teardown() {
	local left
	left=$(jobs -p)
	[ -z "$left" ] || kill $left 2>/dev/null || :
}

# live WINDOW OUT: read a topic as it is written to, up to its 3000 events.
live() {
	# shellcheck disable=SC2086	# options are words
	ksrc -c 3000 --time .ts live | jwindow $1 --by .k --agg "$aggregates" | no_final >"$2"
}

@test "order: live and replayed: the bytes of the file" {
	topic live 8
	mkdir live replayed
	pids=()
	for i in "${!windows[@]}"; do
		live "${windows[i]}" "live/$i" 3>&- &
		pids+=($!)
	done
	shuffled 77 >all
	# in parts: results come while events do
	for ((from = 1; from <= 3000; from += 600)); do
		sed -n "$from,$((from + 599))p" all | envelopes | ksink -J live
		[ $from != 1201 ] || until_true 20 test -s live/0
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	same_windows live
	ksrc -e --time .ts live | windows_of replayed
	same_windows replayed
}

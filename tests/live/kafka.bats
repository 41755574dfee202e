# ksrc and ksink on a real broker: what the mock cluster cannot do.
bats_require_minimum_version 1.5.0
load ../helper
load servers

setup_file() {
	servers kafka
	${CC:-cc} -o "$BATS_FILE_TMPDIR/txn" "$MR_TESTS/live/txn.c" -lrdkafka
	export TXN=$BATS_FILE_TMPDIR/txn
}

teardown_file() {
	servers_down
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	T=t$BATS_TEST_NUMBER
}

# A test that failed half-way leaves programs, and perhaps a broker that is down.
teardown() {
	local left
	left=$(jobs -p)
	[ -z "$left" ] || kill $left 2>/dev/null || :
	[ -e "$BATS_FILE_TMPDIR/kafka/pid" ] || broker up
}

broker() {
	"$MR_TESTS/live/kafka" "$1" "$BATS_FILE_TMPDIR/kafka" "${@:2}" >/dev/null 3>&-
}

# spread FIRST LAST: numbers, to each of four partitions its share.  Left to itself the
# producer sends what comes at once to one of them.
spread() {
	local p
	for p in 0 1 2 3; do
		seq $(($1 + p)) 4 "$2" | ksink -p $p "$T"
	done
}

# events FIRST LAST STEP [PARTITION]: minutes of 2026-01-01 and on, as lines.
events() {
	local part=${4:-}
	[ -n "$part" ] || part=null
	awk -v i="$1" -v last="$2" -v step="$3" -v p="$part" 'BEGIN {
		for (; i <= last; i += step) printf "{\"ts\":%.0f,\"n\":%d,\"p\":%s}\n", 1767225600000 + i * 60000, i, p
	}'
}

@test "ksrc: an unknown topic is 4 at once" {
	run -4 --separate-stderr ksrc -e nosuch
	[[ $stderr == "ksrc: topic 'nosuch': "*'create the topic'* ]]
}

@test "ksrc: -G begins where the group stopped, -e commits and leaves" {
	topic "$T" 4
	seq 1000 | ksink "$T"
	ksrc -e -G "$T" "$T" | sort -n | cmp - <(seq 1000)
	run -0 ksrc -e -G "$T" "$T"
	[ -z "$output" ]
	seq 1001 1100 | ksink "$T"
	ksrc -e -G "$T" "$T" | sort -n | cmp - <(seq 1001 1100)
	# the group left: the next one joins without waiting for a session to end
	run -0 --separate-stderr timeout 5 ksrc -v -e -G "$T" "$T"
	# another group, and where it begins
	run -0 ksrc -e -G "$T-new" -o end "$T"
	[ -z "$output" ]
}

@test "ksrc: -G and -c commit exactly what was written" {
	topic "$T" 1
	seq 100 | ksink "$T"
	ksrc -c 30 -G "$T" "$T" >out
	ksrc -c 30 -G "$T" "$T" >>out
	ksrc -e -G "$T" "$T" >>out
	cmp out <(seq 100)
}

@test "ksrc: two members of a group share the partitions, TERM hands them over" {
	topic "$T" 4
	spread 1 4000
	ksrc -G "$T" "$T" >a 3>&- &
	a=$!
	until_true 20 eval '[ "$(wc -l <a)" -eq 4000 ]'
	ksrc -v -G "$T" "$T" >b 2>b.err 3>&- &
	b=$!
	until_true 30 eval '[ "$(grep -c " ours, " b.err)" -ge 2 ]'
	spread 4001 8000
	until_true 30 eval '[ "$(cat a b | sort -nu | wc -l)" -eq 8000 ]'
	[ -s b ]
	kill $a
	wait $a
	until_true 30 eval '[ "$(grep " ours, " b.err | cut -d: -f3 | sort -u | wc -l)" -eq 4 ]'
	spread 8001 9000
	until_true 30 eval '[ "$(cat a b | sort -nu | wc -l)" -eq 9000 ]'
	kill $b
	wait $b
	# nothing twice: each handed its partitions over with their positions
	[ "$(cat a b | wc -l)" -eq 9000 ]
}

@test "ksrc: -o by time: from, until, both, relative" {
	topic "$T" 2
	events 0 99 1 | ksink -p 0 --time .ts "$T"
	events 0 99 1 | ksink -p 1 --time .ts "$T"
	from() { ksrc -e "$@" "$T" | jq .n | sort -nu | sed -n '1p;$p' | tr '\n' ' '; }
	[ "$(from -o s@2026-01-01T01:00Z)" = '60 99 ' ]
	[ "$(from -o s@1767229200000)" = '60 99 ' ]
	[ "$(from -o e@2026-01-01T01:00:00Z)" = '0 59 ' ]
	[ "$(from -o s@2026-01-01T00:30Z -o e@2026-01-01T01:00Z)" = '30 59 ' ]
	[ "$(from -o s@2026-01-01T00:30Z -o e@2099-01-01)" = '30 99 ' ]
	[ "$(from -o s@2026-02-01)" = '' ]
	[ "$(from -o s@-1m)" = '' ]
	# an end in the past needs no -e
	run -0 timeout 20 ksrc -o s@2026-01-01T00:30Z -o e@2026-01-01T01:00Z "$T"
	[ "$(wc -l <<<"$output")" -eq 60 ]
}

@test "ksrc: -o s@ leaves out older records behind the first, and counts them" {
	topic "$T" 1
	printf '{"ts":"2026-01-01T0%d:00:00Z"}\n' 1 3 2 4 | ksink --time .ts "$T"
	run -0 --separate-stderr ksrc -e -o s@2026-01-01T03:00Z "$T"
	[ "$(wc -l <<<"$output")" -eq 2 ]
	[[ $stderr == *'1 record older than -o s@ skipped'* ]]
}

@test "ksrc: -e ends behind markers of transactions and before an open one" {
	topic "$T" 1
	"$TXN" "$KAFKA_BROKERS" "$T" commit:5 abort:3
	run -0 timeout 20 ksrc -e "$T"
	[ "$(jq -r .txn <<<"$output" | sort | uniq -c | xargs)" = '5 commit' ]
	"$TXN" "$KAFKA_BROKERS" "$T" commit:2 open:4
	run -0 timeout 20 ksrc -e "$T"
	[ "$(wc -l <<<"$output")" -eq 7 ]
	run -0 timeout 20 ksrc -e -G "$T" "$T"
	[ "$(wc -l <<<"$output")" -eq 7 ]
	run -0 timeout 20 ksrc -e -G "$T" "$T"
	[ -z "$output" ]
	run -0 timeout 20 ksrc -e -X isolation.level=read_uncommitted "$T"
	[ "$(wc -l <<<"$output")" -eq 14 ]
}

@test "ksrc: a partition that ends in markers holds nobody up" {
	topic "$T" 2
	"$TXN" "$KAFKA_BROKERS" "$T" commit:1 abort:1
	events 0 20000 1 | ksink -p 1 "$T"
	run -0 timeout 20 ksrc -c 20002 "$T"
	[ "$(wc -l <<<"$output")" -eq 20002 ]
}

@test "ksrc: 8 partitions with a day of backlog, loaded one after the other, give the windows of one" {
	topic "$T" 8
	topic "$T-one" 1
	events 0 1439 1 | awk '{ for (i = 0; i < 10; i++) print }' | jq -c '.k = (.n % 7)' >day
	for p in 0 1 2 3 4 5 6 7; do
		awk -v p=$p 'NR % 8 == p' day | ksink -p $p --time .ts "$T"
	done
	ksink --time .ts "$T-one" <day
	ksrc -e --time .ts --lag 0 "$T-one" | jwindow --tumble 5m --by .k >want
	[ "$(wc -l <want)" -eq $((288 * 5)) ]
	ksrc -e --time .ts --lag 0 "$T" | jwindow --tumble 5m --by .k >got
	cmp want got
	# merged into one watermark downstream: the order of the lines alone must do
	ksrc -e "$T" | jwindow --time .ts --lag 2s --tumble 5m --by .k >got
	cmp want got
}

@test "ksrc: empty, quiet and caught-up partitions never stall one with a backlog" {
	topic "$T" 4
	events 0 0 1 | ksink -p 1 --time .ts "$T"
	events 0 299999 1 | ksink -p 2 --time .ts "$T"
	SECONDS=0
	run -0 timeout 30 ksrc -c 300001 "$T"
	[ "$(wc -l <<<"$output")" -eq 300001 ]
	[ "$SECONDS" -lt 15 ]
	run -0 timeout 30 ksrc -c 300001 --time .ts --max-ahead 9999w "$T"
	[ "$SECONDS" -lt 30 ]
}

@test "ksrc: a broker killed and started again: nothing lost, nothing twice" {
	topic "$T" 2
	seq 1000 | ksink "$T"
	ksrc "$T" >out 2>err 3>&- &
	pid=$!
	until_true 20 eval '[ "$(wc -l <out)" -eq 1000 ]'
	broker down -9
	broker up
	seq 1001 2000 | ksink "$T"
	until_true 60 eval '[ "$(wc -l <out)" -ge 2000 ]'
	kill $pid
	wait $pid
	sort -n out | cmp - <(seq 2000)
}

@test "ksink: a broker killed while it sends: each line once, in order" {
	topic "$T" 1
	mkfifo pipe
	ksink -p 0 "$T" <pipe 3>&- &
	pid=$!
	exec 8>pipe
	seq 50000 >&8
	until_true 20 eval '[ "$(ksrc -e -o -1 "$T" | tail -n 1)" ]'
	broker down -9
	seq 50001 60000 >&8 &
	broker up
	wait $!
	seq 60001 70000 >&8
	exec 8>&-
	wait $pid
	ksrc -e "$T" | cmp - <(seq 70000)
}

@test "ksrc, ksink: a broker that stays away: 4 after --retry-for, with the reason" {
	topic "$T" 1
	seq 10 | ksink "$T"
	ksrc --retry-for 3s "$T" >out 2>err 3>&- &
	pid=$!
	until_true 20 eval '[ "$(wc -l <out)" -eq 10 ]'
	mkfifo pipe
	ksink --retry-for 3s "$T" <pipe 2>err2 3>&- &
	sink=$!
	exec 8>pipe
	echo 11 >&8
	until_true 20 eval '[ "$(wc -l <out)" -eq 11 ]'
	broker down -9
	echo 12 >&8
	status=0; wait $pid || status=$?
	[ $status -eq 4 ]
	grep -q "no broker at '$KAFKA_BROKERS' answers for 3s: " err
	status=0; wait $sink || status=$?
	exec 8>&-
	[ $status -eq 4 ]
	grep -q '1 of 2 records were not acknowledged' err2
	broker up
}

@test "ksrc: a cluster that refuses us is 4 soon, and names the properties" {
	run -4 --separate-stderr timeout 20 ksrc -X security.protocol=ssl -e x
	[[ $stderr == *'security.protocol'* ]]
	printf hunter2 >secret
	run -4 --separate-stderr timeout 30 ksrc --retry-for 5s -X security.protocol=sasl_plaintext \
	    -X sasl.mechanism=PLAIN -X sasl.username=u -X sasl.password=@secret -e x
	[[ $stderr == *'security.protocol'* ]]
	[[ $stderr != *hunter2* ]]
}

@test "ksrc: a topic deleted while it is read is 4" {
	topic "$T" 1
	echo 1 | ksink "$T"
	timeout -k 5 60 ksrc "$T" >out 2>err 3>&- &
	pid=$!
	until_true 20 test -s out
	"$MR_TESTS/live/kafka" drop "$KAFKA_BROKERS" "$T"
	status=0; wait $pid || status=$?
	[ $status -eq 4 ]
	grep -q "$T" err
}

# make_all TOPIC: 10000 records with keys, headers, nulls and binary values, by kcat.
make_all() {
	local i
	seq 3000 | sed 's/.*/key&:{"n":&}/' | kcat -P -b "$KAFKA_BROKERS" -t "$1" -K: -H first=1 -H first=2 -H empty=
	seq 2000 | sed 's/.*/key&:/' | kcat -P -b "$KAFKA_BROKERS" -t "$1" -K: -Z -H null=tombstone
	seq 2000 | sed 's/.*/:text & ä "quoted" \\ back/' | kcat -P -b "$KAFKA_BROKERS" -t "$1" -K: -Z
	seq 2000 | sed 's/.*/k&:/' | kcat -P -b "$KAFKA_BROKERS" -t "$1" -K:
	for i in $(seq 1000); do printf '\xff\x00%d\n\xfe:\x00\x01\xfe%d\r\n\x80|' "$i" "$i"; done |
	    kcat -P -b "$KAFKA_BROKERS" -t "$1" -K: -D'|' -H 'utf8=grün'
}

# all TOPIC: everything kcat knows of each partition, in order.
all() {
	local p
	for p in 0 1 2 3; do
		kcat -C -q -e -b "$KAFKA_BROKERS" -t "$1" -p $p -f '%p %o %T %K:%k %S:%s %h\n'
	done
}

@test "kcat to ksrc to ksink to kcat: 10000 records without a difference" {
	topic "$T" 4
	topic "$T-copy" 4
	make_all "$T"
	ksrc -e -J "$T" >lines
	[ "$(wc -l <lines)" -eq 10000 ]
	ksink -J "$T-copy" <lines
	all "$T" >a
	all "$T-copy" >b
	[ "$(wc -c <a)" -gt 300000 ]
	cmp a b
}

@test "ksink to kcat to ksink: 10000 records without a difference" {
	topic "$T" 4
	topic "$T-kcat" 4
	make_all "$T-kcat"
	ksrc -e -J "$T-kcat" | ksink -J "$T"		# by ksink
	topic "$T-copy" 4
	# kcat's envelopes are not UTF-8 where the bytes are not
	kcat -C -q -e -J -b "$KAFKA_BROKERS" -t "$T" | ksink --check none -J "$T-copy"
	all "$T" >a
	all "$T-copy" >b
	[ "$(wc -c <a)" -gt 300000 ]
	cmp a b
}

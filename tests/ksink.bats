load helper
load mock

# What kcat finds: key, value, headers, partition, and their lengths; -1 is null.
found() {
	kcat -C -q -e -b "$MOCK" -t "${1:-$T}" -f '%K:%k %S:%s %h %p\n'
}

@test "ksink: lines become records, byte for byte, in their order" {
	printf '%s\n' '{"n": 1.0}' ' [1]' '"ä"' >in
	run -0 --separate-stderr ksink -p 0 "$T" in
	[ -z "$output$stderr" ]
	[ "$(kcat -C -q -e -b "$MOCK" -t "$T" -p 0)" = "$(cat in)" ]
	run -0 ksink -t "$T" -p 0 - <in
	[ "$(found | wc -l)" -eq 6 ]
}

@test "ksink: no topic, no lines: nothing is sent" {
	run -2 --separate-stderr ksink </dev/null
	[[ $stderr == 'ksink: no topic given'* ]]
	run -0 ksink "$T" </dev/null
}

@test "ksink: -k from a field: strings decoded, others as JSON text, missing is null" {
	printf '%s\n' '{"k":"a\u00e4\n","n":1}' '{"k":7.50}' '{"k":{"x": 1}}' '{"k":null}' '{}' '{"k":""}' |
	    ksink -p 0 -k .k "$T"
	run -0 kcat -C -q -e -b "$MOCK" -t "$T" -f '%K:%k|'
	[ "$output" = $'4:a\u00e4\n|4:7.50|8:{"x": 1}|-1:|-1:|0:|' ]
}

@test "ksink: -k and -H take texts as kcat does, and fields" {
	echo '{"v":"x","n":5}' | ksink -p 0 -k fixed -H a=b -H v=.v -H n=.n -H 'd=".v"' -H none=.none -H e= "$T"
	run -0 ksrc -e -J "$T"
	[ "$(jq -c '[.key, .headers]' <<<"$output")" = \
	    '["fixed",[["a","b"],["v","x"],["n","5"],["d",".v"],["none",null],["e",""]]]' ]
}

@test "ksink: decoded keys and headers do not disturb each other" {
	echo '{"k":"\u00e9key","a":"\n1","b":"\u00e4\u00e4\u00e4"}' |
	    ksink -p 0 -k .k -H a-long-name-of-a-header=.a -H b=.b -H c=.k "$T"
	run -0 ksrc -e -J "$T"
	[ "$(jq -c '[.key, .headers]' <<<"$output")" = \
	    '["ékey",[["a-long-name-of-a-header","\n1"],["b","äää"],["c","ékey"]]]' ]
}

@test "ksink: the same key, the same partition as kcat's" {
	seq 100 | jq -c '{k: ("key" + tostring)}' >in
	ksink -k .k -X partitioner=consistent_random "$T" <in
	jq -r '.k + ":" + tojson' in | kcat -P -b "$MOCK" -t "$T-kcat" -K:
	[ "$(found | sort)" = "$(found "$T-kcat" | sort)" ]
}

@test "ksink: -K splits lines as kcat does, -Z makes empty null" {
	printf '%s\n' 'a:{"x":1}' ':2' 'b::' '3' 'k:' >in
	run -3 --separate-stderr ksink -p 0 -K: "$T" in
	[[ $stderr == "ksink: in:3: cannot parse record: "* ]]
	ksink -p 0 -K: --check none "$T-raw" in
	kcat -P -b "$MOCK" -t "$T-kcat" -p 0 -K: <in
	[ "$(found "$T-raw")" = "$(found "$T-kcat")" ]
	ksink -p 0 -K: -Z --on-error skip "$T-null" in
	[ "$(found "$T-null")" = '1:a 7:{"x":1}  0
-1: 1:2  0
-1: 1:3  0
1:k -1:  0' ]
}

@test "ksink: --time is the timestamp of the record" {
	printf '%s\n' '{"ts":"2026-01-01T00:00:00.123Z"}' | ksink -p 0 --time .ts "$T"
	run -0 kcat -C -q -e -b "$MOCK" -t "$T" -f '%T'
	[ "$output" = 1767225600123 ]
	run -3 --separate-stderr ksink --time .ts "$T" <<<'{"ts":"soon"}'
	[[ $stderr == 'ksink: stdin:1: .ts: '* ]]
	run -3 --separate-stderr ksink --time .ts "$T" <<<'{"ts":"1969-01-01T00:00:00Z"}'
	[[ $stderr == *'before 1970'* ]]
}

@test "ksink: what ksrc -J wrote comes back the same" {
	printf '\xff\x01:\x00\xfe|k:|:v|:|k:a\nb|' | kcat -P -b "$MOCK" -t "$T" -p 2 -K: -Z -D'|' -H h=1 -H h=2 -H e=
	printf 'x' | kcat -P -b "$MOCK" -t "$T" -p 1
	ksrc -e -J "$T" >out
	ksink -J "$T-back" <out
	cmp <(found) <(found "$T-back")
	# all but where it stands
	diff <(jq -c 'del(.topic, .offset)' out | sort) <(ksrc -e -J "$T-back" | jq -c 'del(.topic, .offset)' | sort)
	run -0 ksink -J -p 0 "$T-one" out
	[ "$(kcat -C -q -e -b "$MOCK" -t "$T-one" -f '%p\n' | sort -u)" = 0 ]
}

@test "ksink: reads kcat -J too" {
	printf 'k:v\n:w\nk:\n' | kcat -P -b "$MOCK" -t "$T" -p 3 -K: -Z -H a=1 -H a=2
	kcat -C -q -e -J -b "$MOCK" -t "$T" | ksink -J "$T-back"
	[ "$(found)" = "$(found "$T-back")" ]
	# kcat writes bytes that are not UTF-8 as they are: they are read when nobody checks
	printf 'k:\xff\n' | kcat -P -b "$MOCK" -t "$T-bin" -p 0 -K:
	kcat -C -q -e -J -b "$MOCK" -t "$T-bin" >bin
	run -3 ksink -J "$T-bin2" bin
	ksink --check none -J "$T-bin2" bin
	[ "$(kcat -C -q -e -b "$MOCK" -t "$T-bin2" | od -An -tx1 | tr -d ' ')" = ff0a ]
}

@test "ksink: -J without a topic sends each record to its own" {
	printf '%s\n' "{\"topic\":\"$T-a\",\"payload\":\"1\"}" "{\"topic\":\"$T-b\",\"payload\":\"2\"}" | ksink -J
	run -0 ksrc -e "$T-b"
	[ "$output" = 2 ]
	run -3 --separate-stderr ksink -J <<<'{"payload":"1"}'
	[[ $stderr == 'ksink: stdin:1: no topic'* ]]
	run -3 --separate-stderr ksink -J "$T" <<<'{"key":"1"}'
	[[ $stderr == 'ksink: stdin:1: no payload'* ]]
}

@test "ksink: a bad record keeps what came before it, and is located" {
	run -3 --separate-stderr ksink -p 0 "$T" <<<'{"a":1}
{oops
{"a":2}'
	[[ $stderr == "ksink: stdin:2: cannot parse record: "* ]]
	[ "$(kcat -C -q -e -b "$MOCK" -t "$T" -p 0)" = '{"a":1}' ]
	run -0 --separate-stderr ksink -p 0 --dead dead "$T" <<<'{oops
{"a":3}'
	[[ $stderr == *'1 bad record written to dead'* ]]
	[ "$(jq -r .raw dead)" = '{oops' ]
}

@test "ksink: a record too large is a bad record that names the properties" {
	{ echo 1; printf '"%01000d"\n' 0; echo 2; } >in
	run -3 --separate-stderr ksink -p 0 -X message.max.bytes=1000 "$T" in
	[[ $stderr == *"in:2: "*"message.max.bytes"* ]]
	run -0 --separate-stderr ksink -p 0 -X message.max.bytes=1000 --on-error skip "$T" in
	[[ $stderr == *'1 bad record skipped'* ]]
	run -0 ksrc -e "$T"
	[ "$output" = '1
1
2' ]
}

@test "ksink: a partition the topic does not have is 2 and says what to do" {
	run -2 --separate-stderr ksink -p 77 "$T" <<<1
	[[ $stderr == *"stdin:1: topic '$T': cannot "*'check -p'* ]] || [[ $stderr == *"topic '$T': cannot send"*'check -p'* ]]
}

@test "ksink: no broker is 4 after --retry-for, with what was lost" {
	run -4 --separate-stderr ksink -b 127.0.0.1:1 --retry-for 1s x <<<1
	# Record and broker are given up at the same moment; either may be said.
	[[ $stderr == *"no broker at '127.0.0.1:1' answers for 1s: "*'Connection refused'* ||
	    $stderr == *'not acknowledged in time: '*'Connection refused'* ]]
	[[ $stderr == *'1 of 1 records were not acknowledged'* ]]
}

@test "ksink: control lines end here, and the stream's end is obeyed" {
	printf '{"ts":%d}\n' 1000 2000 | jwatermark --time-unit ms | ksink -p 0 "$T"
	[ "$(kcat -C -q -e -b "$MOCK" -t "$T" -p 0)" = '{"ts":1000}
{"ts":2000}' ]
	printf '{"ts":%d}\n' 1000 | jwatermark --time-unit ms | head -n 2 >torn
	run -4 --separate-stderr ksink -p 1 "$T" <torn
	[[ $stderr == *'without eos'* ]]
}

@test "ksink: a line comes through while the input stays open; TERM ends it with 0" {
	mkfifo pipe
	ksink -p 0 "$T" <pipe 3>&- &
	pid=$!
	exec 8>pipe
	echo 1 >&8
	run -0 ksrc -c 1 "$T"
	[ "$output" = 1 ]
	kill $pid
	wait $pid
	exec 8>&-
}

@test "ksink: compression: each codec reads back; a wrong one is 2" {
	for z in gzip snappy lz4 zstd; do
		seq 1000 | ksink -p 0 -z $z "$T-$z"
		[ "$(ksrc -e "$T-$z" | md5sum)" = "$(seq 1000 | md5sum)" ]
	done
	run -2 --separate-stderr ksink -z brotli "$T" </dev/null
	[[ $stderr == *"property 'compression.codec'"* ]]
}

@test "ksink: wrong use is 2 and names what is wrong" {
	wrong() {
		local words=$1
		shift
		run -2 --separate-stderr ksink "$@" </dev/null
		[[ $stderr == "ksink: "*"$words"* ]] || { echo "$stderr"; return 1; }
	}
	wrong 'both say what the key is' -K: -k .a t
	wrong 'have no use with -J' -J -k .a t
	wrong "-H 'x'" -H x t
	wrong "-H '=x'" -H =x t
	wrong '-k' -k .a. t
	wrong '-k' -k '"open' t
	wrong '--time' --time ts t
	wrong 'delimiter is empty' -K '' t
	wrong 'no.such' -X no.such=1 t
	MILLRACE_STATE=/nowhere wrong 'unset MILLRACE_STATE' t
}

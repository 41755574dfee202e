#!/usr/bin/env bats
# Files, which are mapped when they are large: the same as if they were read.
load helper

# lines BYTES: events of different lengths, so many bytes of them and the rest of the last line.
lines() {
	awk -v bytes="$1" -v seed="$seed" 'BEGIN {
		srand(seed)
		pad = sprintf("%900s", ""); gsub(/ /, "x", pad)
		for (sum = 0; sum < bytes; sum += length(line) + 1) {
			line = sprintf("{\"n\":%d,\"pad\":\"%s\"}", ++n, substr(pad, 1, int(rand() * 900)))
			print line
		}
	}'
}

# as_read FILE TOOL ARGUMENT...: what the tool makes of the file is what it makes of a pipe.
as_read() {
	local file=$1 rc=0 want=0
	shift
	"$@" "$file" >out 2>err || rc=$?
	cat "$file" | "$@" >want 2>want.err || want=$?
	cmp out want && [ $rc -eq $want ] && diff <(sed "s|$file:|stdin:|" err) want.err ||
	    { echo "$(wc -c <"$file") bytes, seed $seed: $*"; return 1; }
}

@test "files: of every size about pages and windows, with and without their last newline" {
	local window=$((512 * 1024)) size by
	seed=${MR_SEED:-$RANDOM}
	lines $((3 * window)) >all
	for size in $window $((window + 4096)) $((2 * window)) $((2 * window + 12345)); do
		for by in -4097 -129 -1 0 1 127 128 129 4095; do
			head -c $((size + by)) all >file
			as_read file jfilter --on-error skip '.n > 100'
			sed '$d' file >whole
			as_read whole jmap '.n'
		done
	done
	[ "$(wc -l <out)" -gt 1000 ]
}

@test "files: lines longer than a window, and longer than is allowed" {
	seed=${MR_SEED:-$RANDOM}
	lines 600000 >file
	{ printf '{"n":0,"pad":"' && head -c 3000000 /dev/zero | tr '\0' x && printf '"}\n'; } >>file
	lines 600000 >>file
	as_read file jmap '.n, (.pad | length)'
	as_read file jmap --on-error skip --max-line 700000 .n
	as_read file jfilter --max-line 700000 .n
}

@test "files: standard input begins where its offset is" {
	seed=${MR_SEED:-$RANDOM}
	lines 2000000 >file
	{
		read -r first
		jfilter .n
	} <file >out
	[ "$first" = "$(head -n 1 file)" ]
	tail -n +2 file | cmp - out
	{
		jfilter .n >out
		read -r rest || rest=none
	} <file
	cmp file out
	[ "$rest" = none ]
}

@test "files: what is appended while it is read is read" {
	seed=${MR_SEED:-$RANDOM}
	lines 4000000 >file
	jfilter .n file | {
		read -r _
		lines 100000 >>file
		sleep 0.2
		echo read
		cat
	} >out
	[ "$(wc -l <out)" -eq "$(wc -l <file)" ]
}

# The reader holds the tool up in the middle of the file.
@test "files: one that is truncated while it is read is 4, with a message, and lines that are whole" {
	local status options
	seed=${MR_SEED:-$RANDOM}
	for options in .n '.n%2==0' '--jobs 2 --on-error skip .n'; do
		lines 8000000 >file
		cp file copy
		set +e
		jfilter $options file 2>err | {
			read -r first
			: >file
			echo "$first"
			cat
		} >out
		status=${PIPESTATUS[0]}
		set -e
		[ "$status" -eq 4 ]
		grep -q "^jfilter: 'file' became shorter.* while it was read$" err
		[ "$(wc -l <out)" -gt 10 ]
		jfilter $options copy | head -c "$(wc -c <out)" | cmp - out
	done
}

@test "files: of a large one little is in memory, and of a line of 16 MB no more than the line" {
	local rss=${MR_BUILD:-$MR_TOP/build}/aid/rss peak limit
	! ldd "$MR_BIN/jfilter" | grep -q libasan || skip "memory is the sanitizer's"
	seed=${MR_SEED:-$RANDOM}
	lines 60000000 >large
	{ printf '{"n":1,"pad":"' && head -c 16000000 /dev/zero | tr '\0' x && printf '"}\n'; } >long
	for limit in 'large 6000' 'long 22000'; do
		"$rss" peak jfilter .n "${limit% *}" >out
		cmp "${limit% *}" out
		peak=$(cat peak)
		[ "$peak" -lt "${limit#* }" ] || { echo "${limit% *}: $peak KiB"; return 1; }
	done
}

@test "files: what is written is neither read nor written twice" {
	echo '{"a":1}' >file
	cp file copy
	run -2 --separate-stderr bash -c 'jfilter --dead out true file >out'
	[ "$stderr" = "jfilter: 'out' is both standard output and --dead" ]
	run -2 --separate-stderr jfilter --metrics-file file true file
	[ "$stderr" = "jfilter: 'file' is both input and output" ]
	run -2 --separate-stderr jfilter --dead file true file
	[ "$stderr" = "jfilter: 'file' is both input and output" ]
	: >both
	run -2 --separate-stderr jfilter --dead both --metrics-file both true file
	[ "$stderr" = "jfilter: 'both' is both --metrics-file and another output" ]
	cmp file copy
	run -0 jfilter --dead /dev/null true file
}

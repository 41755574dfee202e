# What the demonstration and the benchmark are made of: the rides, the chart,
# the meter, and tests/setup.  The demonstration itself is in live/demo.bats.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH=${MR_BUILD:-$MR_TOP/build}/tests:$PATH
}

@test "rides: a seed gives the same bytes everywhere" {
	run -0 bash -c 'rides -n 1000 | md5sum'
	[ "$output" = "0e66585b9915fae37b3ecd48729f3a51  -" ]
	run -0 bash -c 'rides -n 1000 --seed 2 | md5sum'
	[ "$output" != "0e66585b9915fae37b3ecd48729f3a51  -" ]
}

@test "rides: parts are the whole, line by line" {
	rides -n 1000 >whole
	for k in 0 1 2; do rides -n 1000 --part $k/3 >part.$k; done
	paste -d '\n' part.0 part.1 part.2 | grep . | cmp - whole
}

@test "rides: times are at most 15 s out of order, but for the late ones" {
	rides -n 50000 --late 0 | jq -r '.ts[11:]' >ts
	awk -F'[:.Z]' '{ ms = (($1 * 60 + $2) * 60 + $3) * 1000 + $4
		if (ms > newest) newest = ms
		if (newest - ms > worst) worst = newest - ms }
	    END { exit !(worst > 10000 && worst < 15000) }' ts
	rides -n 50000 --late 0.01 | jq -r '.ts[11:]' | awk -F'[:.Z]' '{
		ms = (($1 * 60 + $2) * 60 + $3) * 1000 + $4
		if (ms > newest) newest = ms
		if (newest - ms > 15000) { late++; if (newest - ms < 585000) near++ } }
	    END { exit !(late > 400 && late < 600 && !near) }'
}

@test "chart: braille in UTF-8, asterisks in ASCII, as wide as it is told" {
	for m in {0..1439}; do
		printf '%02d:%02d\t%d\n' $((m / 60)) $((m % 60)) $((m < 720 ? m : 1440 - m))
	done >day
	run -0 chart --width 60 --height 5 title <day
	[ "${lines[0]}" = '       title' ]
	[[ ${lines[1]} == '  800 ┤ '* ]]
	[[ $output == *'⢀⣀⠤⠔⠒⠉⠁'* ]]
	LC_ALL=C run -0 chart --width 60 --height 5 title <day
	[[ ${lines[1]} == '  800 + '* && $output == *'**'* ]]
	[ -z "$(tr -d ' -~\n' <<<"$output")" ]
	while IFS= read -r line; do [ ${#line} -le 60 ]; done <<<"$output"
	run -3 chart </dev/null
}

@test "meter: passes input, output and status, and writes what it took" {
	run -0 bash -c 'echo in | meter m a cat | meter m b tr i o; cat m'
	[ "${lines[0]}" = on ]
	[[ $output =~ a\ [0-9.]+\ [0-9.]+\ [0-9.]+\ [0-9]+\ 0 ]]
	run -7 meter m c sh -c 'exit 7'
	run -141 bash -c 'set -o pipefail; meter m d yes | head -n 1'
}

# Only these commands are there; none of them can install anything.
bare() {
	mkdir -p bin
	for tool in sh bash env id sed grep wc mktemp rm tail cat printf tr "$@"; do
		ln -sf "$(command -v "$tool")" bin/
	done
}

@test "setup: says what is missing and ends with 1" {
	bare pkg-config cc make pg_config psql
	PATH=$PWD/bin run -1 --separate-stderr bash "$MR_TESTS/setup" check
	[[ $stderr == 'setup: missing, by the names of '*': '*bats*kcat*jq*maven* ]]
	[[ $stderr != *librdkafka* ]]
	PATH=$PWD/bin CC=nocc run -1 --separate-stderr bash "$MR_TESTS/setup" build
	[[ $stderr == *librdkafka-dev*libxxhash-dev* ]]
	run -2 "$MR_TESTS/setup"
}

# README.md: each recipe is executed here or, when it needs a server, by
# tests/live/readme.bats.
load helper
load readme

teardown() {
	[ ! -e tail.pid ] || kill "$(cat tail.pid)" 2>/dev/null || :
}

@test "readme: a window over a file" {
	readme file
}

@test "readme: events are reshaped" {
	readme reshape
}

@test "readme: a log as it grows" {
	split_recipe tail
	: >access.ndjson
	# The command as it stands, but with a tail that can be ended.
	tail() {
		command tail "$@" &
		echo $! >tail.pid
		wait $!
	}
	( eval "$(cat cmd.1)" ) >got 2>err 3>&- &
	for s in 00 20 40; do
		echo '{"ts":"2026-03-02T08:00:'$s'Z","path":"/","status":200,"ms":12.5}' >>access.ndjson
	done
	[ ! -s got ]
	echo '{"ts":"2026-03-02T08:01:15.5Z","path":"/","status":200,"ms":3}' >>access.ndjson
	# The line is there while the input stays open.
	for _ in {1..500}; do [ -s got ] && break; sleep 0.02; done
	diff want.1 got
	kill "$(cat tail.pid)"
	wait
}

@test "readme: bad records" {
	readme dead
}

@test "readme: late events" {
	readme late
}

@test "readme: a script for cron" {
	readme cron
}

@test "readme: each recipe has a test, each test a recipe" {
	grep -o '<!-- test: [a-z-]* -->' "$MR_TOP/README.md" | sed 's/.*: //; s/ .*//' | sort >there
	cat "$MR_TESTS"/readme.bats "$MR_TESTS"/live/{demo,readme}.bats | grep -oE '^	(readme|split_recipe|recipe) [a-z-]+' |
	    sed 's/.* //' | sort -u >tested
	diff there tested
}

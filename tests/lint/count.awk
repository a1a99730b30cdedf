# count.awk: how many tests passed and failed, from CTest's LastTest.log: prints "PASSED FAILED".
# A Criterion program's own sum counts; a program that says none counts as one test. A program that
# CTest calls failed though its sum says otherwise (a timeout, a signal) counts as one failure more.

function close_test() {
	if (!open)
		return
	if (sum && !bad && !ok)
		bad = 1
	if (!sum) {
		good = ok
		bad = !ok
	}
	passed += good
	failed += bad
	open = 0
}

/^[0-9]+\/[0-9]+ Testing: / {
	close_test()
	open = 1
	sum = good = bad = ok = 0
}

/Synthesis: Tested: [0-9]+ \| Passing: / {
	gsub(/\033\[[0-9;]*m/, "")
	match($0, /Passing: [0-9]+/)
	good += substr($0, RSTART + 9, RLENGTH - 9)
	match($0, /Failing: [0-9]+/)
	bad += substr($0, RSTART + 9, RLENGTH - 9)
	match($0, /Crashing: [0-9]+/)
	bad += substr($0, RSTART + 10, RLENGTH - 10)
	sum = 1
}

/^Test Passed\.$/ { ok = 1 }

END {
	close_test()
	print passed + 0, failed + 0
}

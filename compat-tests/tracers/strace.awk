# strace.awk - the log of strace -f, thread by thread: T0 is the first, T1 the one it made first.
#
# A call that another thread's line cuts in two is put together again; process
# and thread ids, where they can be, are the threads' names, addresses are ADDR.
# malloc(3) asks for random numbers, and the clock when there are none yet: that
# is left out.

{
	pid = $1
	text = $0
	sub(/^[0-9]+ +/, "", text)
	if (!(pid in seen)) {
		seen[pid] = 1
		order[++npids] = pid
	}
	if (text ~ /<unfinished \.\.\.>$/) {
		sub(/ <unfinished \.\.\.>$/, "", text)
		half[pid] = text
		next
	}
	if (text ~ /^<\.\.\. [a-z0-9_]+ resumed>/) {
		sub(/^<\.\.\. [a-z0-9_]+ resumed>/, "", text)
		text = half[pid] text
	}
	# columns depend on how long the line was when it was cut
	gsub(/ +=/, " =", text)
	log_[pid, ++n[pid]] = text
}

# The numbers of @s that are threads, by name.
function named(s, out, word) {
	out = ""
	while (match(s, /[0-9]+/)) {
		word = substr(s, RSTART, RLENGTH)
		out = out substr(s, 1, RSTART - 1) (word in name ? name[word] : word)
		s = substr(s, RSTART + RLENGTH)
	}
	return out s
}

END {
	first = order[1]
	name[first] = "T0"
	for (i = 1; i <= n[first]; i++)
		if (log_[first, i] ~ /^clone3?\(.* = [0-9]+$/) {
			child = log_[first, i]
			sub(/.* = /, "", child)
			name[child] = "T" ++made
			by_name[made] = child
		}
	by_name[0] = first
	for (t = 0; t <= made; t++)
		for (i = 1; i <= n[by_name[t]]; i++) {
			text = log_[by_name[t], i]
			if (text ~ /^(getrandom|clock_gettime(64)?)\(/)
				continue
			gsub(/0x[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]+/, "ADDR", text)
			if (text ~ /^(clone|tgkill|gettid|getpid|set_tid_address)\(|^--- /)
				text = named(text)
			print "T" t ": " text
		}
	if (npids != made + 1)
		print "threads in the log: " npids ", made: " made + 1
}

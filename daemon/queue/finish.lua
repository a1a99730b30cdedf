-- DONE, FAIL, RELEASE and EXTEND of many jobs. ARGV[2...] are, repeated: verb, shop, token, ms
-- (done: until the next run, -1 none; fail: delay; extend: lease), attempts to add, attempts at
-- which it dies (0: never), reason. RELEASE is FAIL that adds nothing.
-- Returns a number an item: 0 stale (not ours any more, nothing changed), 1 done so, 2 dead.
local WIDTH = 7
local list, answer, alive = {}, {}, {}
for i = 2, #ARGV, WIDTH do
	local verb = ARGV[i]
	if not (verb == 'done' or verb == 'fail' or verb == 'extend') or not is_shop(ARGV[i + 1])
	    or not tonumber(ARGV[i + 3]) or not tonumber(ARGV[i + 4])
	    or not tonumber(ARGV[i + 5]) or not ARGV[i + 6] then
		return redis.error_reply('BADARG finish')
	end
	list[#list + 1] = ARGV[i + 1]
end

-- One job ends; 1 or 2.
local function finish(verb, s, kind, attempts, ms, add, max, reason)
	row[s] = false
	freed[#freed + 1] = s
	if verb == 'fail' then
		local at = now + math.min(math.max(ms, 0), MAX_DELAY)
		return retry(s, kind, attempts + add, at, max, reason) and 2 or 1
	end
	alive[#alive + 1] = s .. '|' .. kind
	if ms >= 0 then
		merge(s, kind, now + math.min(ms, MAX_DELAY), 0)
	end
	return 1
end

touch(list)
for i = 2, #ARGV, WIDTH do
	local verb, s, ms = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 3])
	local token, kind, attempts = parse_row(row[s])
	if token ~= ARGV[i + 2] then
		answer[#answer + 1] = 0
	elseif verb == 'extend' then
		leases[#leases + 1] = num(now + ms)
		leases[#leases + 1] = s
		answer[#answer + 1] = 1
	else
		answer[#answer + 1] = finish(verb, s, kind, attempts, ms, tonumber(ARGV[i + 4]),
		    tonumber(ARGV[i + 5]), ARGV[i + 6])
	end
end
if #alive > 0 and call('HLEN', DEAD) > 0 then
	call('HDEL', DEAD, unpack(alive))
end
commit()
return answer

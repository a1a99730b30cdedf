-- DONE, FAIL, RELEASE and EXTEND of many jobs. ARGV[2...] are items, each one of
--   done   shop token ms                       ms until the next run, -1: none
--   extend shop token ms                       a new lease
--   fail   shop token ms add max reason        delay, attempts to add, attempts at which it dies
-- max 0 means never; RELEASE is a fail that adds nothing.
-- Returns a number an item: 0 stale (not ours any more, nothing changed), 1 done so, 2 dead.
local WIDTH = { done = 4, extend = 4, fail = 7 }
local items, list, answer, alive = {}, {}, {}, {}

local at = 2
while at <= #ARGV do
	local width = WIDTH[ARGV[at]]
	if not width or at + width - 1 > #ARGV or not tonumber(ARGV[at + 3]) then
		return redis.error_reply('BADARG finish')
	end
	items[#items + 1] = at
	list[#list + 1] = ARGV[at + 1]
	at = at + width
end
touch(list)

local function fail(i, p, attempts, ms)
	local add, max = tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5])
	local again = now + math.min(math.max(ms, 0), MAX_DELAY)
	return retry(p, attempts + add, again, max, ARGV[i + 6]) and 2 or 1
end

-- The item that begins at ARGV[i], whose token is the shop's. A row that we did not write ends.
local function obey(i, s, length)
	local verb, ms = ARGV[i], tonumber(ARGV[i + 3])
	local k, attempts = parse_row(row[s], length)
	if k and verb == 'extend' then
		leases[#leases + 1] = num(now + ms)
		leases[#leases + 1] = s
		return 1
	end
	row[s] = false
	freed[#freed + 1] = s
	if not k then
		return 0
	end
	local p = base[s] + k
	if verb == 'fail' then
		return fail(i, p, attempts, ms)
	end
	alive[#alive + 1] = field[p]
	if ms >= 0 then
		merge(p, now + math.min(ms, MAX_DELAY), 0)
	end
	return 1
end

for n, i in ipairs(items) do
	local s, token = ARGV[i + 1], ARGV[i + 2]
	local held = #token > 0 and row[s] and sub(row[s], 1, #token + 1) == token .. '|'
	answer[n] = held and obey(i, s, #token) or 0
end
if #alive > 0 and call('HLEN', DEAD) > 0 then
	call('HDEL', DEAD, unpack(alive))
end
commit()
return answer

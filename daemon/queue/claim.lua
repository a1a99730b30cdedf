-- CLAIM: ARGV = epoch, n, lease ms, owner, attempts at which an abandoned job dies (0: never).
-- Returns shop, kind, token, attempts, lag ms of each job, in one flat list.
local n, lease = tonumber(ARGV[2]), tonumber(ARGV[3])
local owner, max = ARGV[4], tonumber(ARGV[5])
if not n or n < 0 or n > 64 or not lease or not max then
	return redis.error_reply('BADARG claim')
end

local function range(key, from, to, most)
	return call('ZRANGEBYSCORE', key, from, to, 'LIMIT', 0, most)
end

-- Leases that ended, then those and due times that a clock set back left too far ahead (Q7, Q9).
local expired = range(LEASED, '-inf', num(now), 32)
local promoted = range(DELAYED, '-inf', num(now), 128)
local long = range(LEASED, '(' .. num(now + lease), '+inf', 32)
local far = range(DELAYED, '(' .. num(now + MAX_DELAY), '+inf', 128)

touch(expired)
touch(promoted)
touch(far)
for _, s in ipairs(expired) do
	local _, kind, attempts = parse_row(row[s])
	row[s] = false
	freed[#freed + 1] = s
	if kind then
		retry(s, kind, attempts + 1, now, max, 'abandoned')
	end
end
for _, s in ipairs(long) do
	leases[#leases + 1] = num(now + lease)
	leases[#leases + 1] = s
end
for _, s in ipairs(far) do
	for _, k in ipairs(KINDS) do
		if due[s .. '|' .. k] then
			merge(s, k, now + MAX_DELAY, 0)
		end
	end
end
commit()

local pause = tonumber(call('HGET', GATE, 'pause_until') or 0) or 0
if n == 0 or (pause > now and pause <= now + MAX_DELAY) then
	return {}
end

-- The most urgent kind of a shop that is due, and its due time.
local function pick(s)
	local best, best_due
	for _, k in ipairs(KINDS) do
		local d = due[s .. '|' .. k]
		if d and d <= now and (not best or d - BONUS[k] < best_due - BONUS[best]) then
			best, best_due = k, d
		end
	end
	return best, best_due
end

-- What place() would not have put there (a word that is no shop, a shop that is leased or has
-- nothing due) is taken out instead of claimed.
local jobs, odd, list = {}, {}, {}
for _, s in ipairs(call('ZRANGE', READY, 0, n - 1)) do
	local to = is_shop(s) and list or odd
	to[#to + 1] = s
end
write('ZREM', READY, odd)
touch(list)
local counter = #list > 0 and call('HINCRBY', META, 'tok', #list) - #list or 0
for i, s in ipairs(list) do
	local kind, at = pick(s)
	if kind and not row[s] then
		local f = s .. '|' .. kind
		local token = owner .. ':' .. num(counter + i)
		row[s] = token
		rows[#rows + 1] = s
		rows[#rows + 1] = table.concat({ token, kind, num(tries[f]), num(now) }, '|')
		leases[#leases + 1] = num(now + lease)
		leases[#leases + 1] = s
		for _, v in ipairs({ s, kind, token, num(tries[f]), num(now - at) }) do
			jobs[#jobs + 1] = v
		end
		due[f] = nil
		dirty[#dirty + 1] = f
	end
end
commit()
return jobs

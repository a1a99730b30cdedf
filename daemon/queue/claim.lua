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
	if row[s] then
		local k, attempts = parse_row(row[s], token_length(row[s]))
		if k then
			retry(base[s] + k, attempts + 1, now, max, 'abandoned')
		end
	end
	row[s] = false
	freed[#freed + 1] = s
end
for _, s in ipairs(long) do
	leases[#leases + 1] = num(now + lease)
	leases[#leases + 1] = s
end
for _, s in ipairs(far) do
	for p = base[s] + 1, base[s] + COUNT do
		if due[p] then
			merge(p, now + MAX_DELAY, 0)
		end
	end
end
commit()

local pause = tonumber(call('HGET', GATE, 'pause_until') or 0) or 0
if n == 0 or (pause > now and pause <= now + MAX_DELAY) then
	return {}
end

-- What place() would not have put there (a word that is no shop, a shop that is leased or has
-- nothing due) is taken out instead of claimed.
local jobs, out, list = {}, {}, {}
for _, s in ipairs(call('ZRANGE', READY, 0, n - 1)) do
	local to = is_shop(s) and list or out
	to[#to + 1] = s
end
touch(list)
local counter = #list > 0 and call('HINCRBY', META, 'tok', #list) - #list or 0
local j = 0
for i, s in ipairs(list) do
	local p = not row[s] and urgent(s)
	unplaced[s] = p and true
	if p then
		out[#out + 1] = s
		local kind, attempts = KINDS[p - base[s]], num(tries[p])
		local token = owner .. ':' .. num(counter + i)
		row[s] = token
		rows[#rows + 1] = s
		rows[#rows + 1] = token .. '|' .. kind .. '|' .. attempts .. '|' .. num(now)
		leases[#leases + 1] = num(now + lease)
		leases[#leases + 1] = s
		jobs[j + 1], jobs[j + 2], jobs[j + 3] = s, kind, token
		jobs[j + 4], jobs[j + 5] = attempts, num(now - due[p])
		j = j + 5
		drop(p)
	end
end
write('ZREM', READY, out)
commit()
return jobs

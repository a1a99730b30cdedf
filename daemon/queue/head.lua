-- What every script of the queue begins with: the keys, the clock, the epoch, and a small model of
-- the shops at hand. A script reads what it needs with touch(), changes the model, and writes it
-- back with commit(), so that a batch costs as many commands as a single shop. C puts the line
-- "#!lua" and the tables KINDS (names, most urgent first) and BONUS (name -> ms) before this text.
local META, PEND, READY, DELAYED, LEASED, TOKEN, DEAD, GATE = unpack(KEYS)
local MAX_DELAY = 86400000 -- no due time further ahead (Q9)
local MAX_DEAD = 10000
local call = redis.call

local clock = call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

local function num(x)
	return string.format('%.0f', x)
end

local shops = {} -- touched, in order
local row = {}   -- shop -> its row in TOKEN, or false: not leased
local due = {}   -- 'shop|kind' -> ms, nil: not pending
local tries = {} -- 'shop|kind' -> attempts
local dirty = {} -- 'shop|kind' of entries to write back
local freed = {} -- shops whose lease ended
local leases = {} -- arguments of ZADD LEASED
local rows = {}  -- arguments of HSET TOKEN

-- An id of a shop, as we write it.
local function is_shop(s)
	return #s <= 19 and string.find(s, '^[1-9]%d*$') ~= nil
end

-- token, kind, attempts of a row; nothing of one that we did not write.
local function parse_row(v)
	if not v then
		return nil
	end
	local token, kind, attempts = string.match(v, '^([^|]+)|(%l+)|(%d+)|%d+$')
	if not token or not BONUS[kind] or #attempts > 9 then
		return nil
	end
	return token, kind, tonumber(attempts)
end

-- Read rows and pending kinds of these shops (at most 600), unless read already.
local function touch(list)
	local fresh, fields = {}, {}
	for _, s in ipairs(list) do
		if row[s] == nil then
			row[s] = false
			fresh[#fresh + 1] = s
			for _, k in ipairs(KINDS) do
				fields[#fields + 1] = s .. '|' .. k
			end
		end
	end
	if #fresh == 0 then
		return
	end
	local values = call('HMGET', TOKEN, unpack(fresh))
	for i, s in ipairs(fresh) do
		shops[#shops + 1] = s
		row[s] = values[i]
	end
	values = call('HMGET', PEND, unpack(fields))
	for i, f in ipairs(fields) do
		if values[i] then
			local d, n = string.match(values[i], '^(%d+),(%d+)$')
			if d and #d <= 15 and #n <= 9 then
				due[f] = tonumber(d)
				tries[f] = tonumber(n)
			else
				dirty[#dirty + 1] = f
			end
		end
	end
end

-- Earliest due, highest attempts. True where the kind was not pending.
local function merge(s, kind, at, attempts)
	local f = s .. '|' .. kind
	local fresh = due[f] == nil
	if fresh or at < due[f] then
		due[f] = at
	end
	if fresh or attempts > tries[f] then
		tries[f] = attempts
	end
	dirty[#dirty + 1] = f
	return fresh
end

-- A dead entry; a full house loses a tenth first.
local function bury(s, kind, attempts, reason)
	if call('HLEN', DEAD) >= MAX_DEAD then
		call('HDEL', DEAD, unpack(call('HKEYS', DEAD), 1, MAX_DEAD / 10))
	end
	call('HSET', DEAD, s .. '|' .. kind, num(now) .. ',' .. reason .. ',' .. num(attempts))
end

-- The kind failed for the attempts-th time: again at `at`, or never. True where it died.
local function retry(s, kind, attempts, at, max, reason)
	if max > 0 and attempts >= max then
		bury(s, kind, attempts, reason)
		return true
	end
	merge(s, kind, at, attempts)
	return false
end

local function write(cmd, key, list)
	if #list > 0 then
		call(cmd, key, unpack(list))
	end
end

-- Put every touched shop where it belongs (Q1, Q2), given pending kinds and leases.
local function place()
	local ready, delayed, off_ready, off_delayed = {}, {}, {}, {}
	for _, s in ipairs(shops) do
		local urgent, first
		if not row[s] then
			for _, k in ipairs(KINDS) do
				local d = due[s .. '|' .. k]
				if d and d <= now and (not urgent or d - BONUS[k] < urgent) then
					urgent = d - BONUS[k]
				elseif d and (not first or d < first) then
					first = d
				end
			end
		end
		if urgent then
			ready[#ready + 1] = num(urgent)
			ready[#ready + 1] = s
		else
			off_ready[#off_ready + 1] = s
		end
		if first and not urgent then
			delayed[#delayed + 1] = num(first)
			delayed[#delayed + 1] = s
		else
			off_delayed[#off_delayed + 1] = s
		end
	end
	write('ZADD', READY, ready)
	write('ZADD', DELAYED, delayed)
	write('ZREM', READY, off_ready)
	write('ZREM', DELAYED, off_delayed)
end

-- Write the model back and forget it.
local function commit()
	local sets, drops = {}, {}
	for _, f in ipairs(dirty) do
		if due[f] then
			sets[#sets + 1] = f
			sets[#sets + 1] = num(due[f]) .. ',' .. num(tries[f])
		else
			drops[#drops + 1] = f
		end
	end
	write('HSET', PEND, sets)
	write('HDEL', PEND, drops)
	write('HSET', TOKEN, rows)
	write('ZADD', LEASED, leases)
	write('HDEL', TOKEN, freed) -- after what renewed it in the same batch
	write('ZREM', LEASED, freed)
	place()
	shops, row, due, tries, dirty, freed, leases, rows = {}, {}, {}, {}, {}, {}, {}, {}
end

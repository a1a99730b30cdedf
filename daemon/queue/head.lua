-- What every script of the queue begins with: the keys, the clock, and a small model of the shops
-- at hand. A script reads what it needs with touch(), changes the model, and writes it back with
-- commit(), so that a batch costs as many commands as a single shop; until then an error leaves
-- everything as it was. C puts the line "#!lua" and the tables KINDS (names, most urgent first) and
-- BONUS (name -> ms) before this text.
local META, PEND, READY, DELAYED, LEASED, TOKEN, DEAD, GATE = unpack(KEYS)
local MAX_DELAY = 86400000 -- no due time further ahead (Q9)
local MAX_DEAD = 10000
local call, match, sub = redis.call, string.match, string.sub

local clock = call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)

-- Numbers as Redis is to keep them; many of a batch are the same.
local texts = {}
local function num(x)
	local t = texts[x]
	if not t then
		t = string.format('%.0f', x)
		texts[x] = t
	end
	return t
end

-- Kinds stand in arrays by place: kind k of shop s at base[s] + k. Absent is false.
local COUNT = #KINDS
local bonus, place_of = {}, {}
for k, name in ipairs(KINDS) do
	bonus[k] = BONUS[name]
	place_of[name] = k
end

local shops, base = {}, {} -- touched, in order; where their kinds begin
local row = {}             -- shop -> its row in TOKEN, or false: not leased
local unplaced = {}        -- shops that were leased when touched: in neither ready nor delayed
local field = {}           -- 'shop|kind'
local due = {}             -- ms, or false: not pending
local tries = {}           -- attempts
local dirty = {}           -- places to write back
local freed = {}           -- shops whose lease ended
local leases = {}          -- arguments of ZADD LEASED
local rows = {}            -- arguments of HSET TOKEN
local graves = {}          -- arguments of HSET DEAD

-- An id of a shop, as we write it.
local function is_shop(s)
	return #s <= 19 and string.find(s, '^[1-9]%d*$') ~= nil
end

-- Kind (its place) and attempts of a row, behind its token of n characters; nothing of one that we
-- did not write.
local function parse_row(v, n)
	local name, attempts = match(v, '^|(%l+)|(%d+)|%d+$', n + 1)
	if not name or not place_of[name] or #attempts > 9 then
		return nil
	end
	return place_of[name], tonumber(attempts)
end

local function token_length(v)
	return #match(v, '^[^|]*')
end

-- Read rows and pending kinds of these shops (at most 600), unless read already.
local function touch(list)
	local fresh, first = {}, #field + 1
	for _, s in ipairs(list) do
		if not base[s] then
			fresh[#fresh + 1] = s
			base[s] = #field
			for k = 1, COUNT do
				field[#field + 1] = s .. '|' .. KINDS[k]
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
		unplaced[s] = values[i] and true
	end
	values = call('HMGET', PEND, unpack(field, first))
	for i, v in ipairs(values) do
		local p = first + i - 1
		due[p] = false
		tries[p] = 0
		if v then
			local d, n = match(v, '^(%d+),(%d+)$')
			if d and #d <= 15 and #n <= 9 then
				due[p] = tonumber(d)
				tries[p] = tonumber(n)
			else
				dirty[#dirty + 1] = p
			end
		end
	end
end

-- Earliest due, highest attempts. True where the kind was not pending.
local function merge(p, at, attempts)
	local fresh = not due[p]
	if fresh or at < due[p] then
		due[p] = at
	end
	if fresh or attempts > tries[p] then
		tries[p] = attempts
	end
	dirty[#dirty + 1] = p
	return fresh
end

local function drop(p)
	due[p] = false
	dirty[#dirty + 1] = p
end

-- The kind failed for the attempts-th time: again at `at`, or never. True where it died.
local function retry(p, attempts, at, max, reason)
	if max > 0 and attempts >= max then
		graves[#graves + 1] = field[p]
		graves[#graves + 1] = num(now) .. ',' .. reason .. ',' .. num(attempts)
		return true
	end
	merge(p, at, attempts)
	return false
end

-- The place of the most urgent due kind of a shop, or of none the earliest due time.
local function urgent(s)
	local best, best_score, first
	for p = base[s] + 1, base[s] + COUNT do
		local d = due[p]
		if d and d <= now then
			local score = d - bonus[p - base[s]]
			if not best or score < best_score then
				best, best_score = p, score
			end
		elseif d and (not first or d < first) then
			first = d
		end
	end
	return best, best_score, first
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
		local best, score, first
		if not row[s] then
			best, score, first = urgent(s)
		end
		if best then
			ready[#ready + 1] = num(score)
			ready[#ready + 1] = s
		elseif not unplaced[s] then
			off_ready[#off_ready + 1] = s
		end
		if first and not best then
			delayed[#delayed + 1] = num(first)
			delayed[#delayed + 1] = s
		elseif not unplaced[s] then
			off_delayed[#off_delayed + 1] = s
		end
	end
	write('ZADD', READY, ready)
	write('ZADD', DELAYED, delayed)
	write('ZREM', READY, off_ready)
	write('ZREM', DELAYED, off_delayed)
end

-- A full house loses a tenth first.
local function bury()
	if #graves > 0 and call('HLEN', DEAD) >= MAX_DEAD then
		call('HDEL', DEAD, unpack(call('HKEYS', DEAD), 1, MAX_DEAD / 10))
	end
	write('HSET', DEAD, graves)
end

-- Write the model back and forget it.
local function commit()
	local sets, drops = {}, {}
	for _, p in ipairs(dirty) do
		if due[p] then
			sets[#sets + 1] = field[p]
			sets[#sets + 1] = num(due[p]) .. ',' .. num(tries[p])
		else
			drops[#drops + 1] = field[p]
		end
	end
	write('HSET', PEND, sets)
	write('HDEL', PEND, drops)
	write('HSET', TOKEN, rows)
	write('ZADD', LEASED, leases)
	write('HDEL', TOKEN, freed) -- after what renewed it in the same batch
	write('ZREM', LEASED, freed)
	bury()
	place()
	shops, base, row, unplaced, field, due, tries = {}, {}, {}, {}, {}, {}, {}
	dirty, freed, leases, rows, graves = {}, {}, {}, {}, {}
end

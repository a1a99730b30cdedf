-- REPAIR: what we did not write is dropped (F14); the sweep brings the work back. A key of the
-- wrong type takes everything placed with it along. Then each shop is put where it belongs.
-- Returns 1 when whole keys were dropped, else 0.
local CHUNK = 500

local function wrong(cmd, key)
	local r = redis.pcall(cmd, key)
	return type(r) == 'table' and r.err ~= nil
end

-- Past its time at once, whatever it holds. (DEL is more than our user may do.)
local function vanish(key)
	call('SET', key, '', 'PXAT', 1)
end

local placed = { PEND, READY, DELAYED, LEASED, TOKEN }
local broken = wrong('HLEN', PEND) or wrong('HLEN', TOKEN) or wrong('ZCARD', READY)
    or wrong('ZCARD', DELAYED) or wrong('ZCARD', LEASED)
local lost = broken
if broken then
	for _, key in ipairs(placed) do
		vanish(key)
	end
end
for _, key in ipairs({ META, DEAD, GATE }) do
	if wrong('HLEN', key) then
		vanish(key)
		lost = true
	end
end
if broken then
	return 1
end

-- Run fn on slices of list, short enough to be the arguments of a command.
local function slices(list, fn)
	for i = 1, #list, CHUNK do
		fn({ unpack(list, i, math.min(i + CHUNK - 1, #list)) })
	end
end

local known, all = {}, {}
local function know(s)
	if not known[s] then
		known[s] = true
		all[#all + 1] = s
	end
end

-- Hash fields or members that name no shop go; the others are known.
local function scrub(list, cmd, key, pattern)
	local odd = {}
	for _, f in ipairs(list) do
		local s, kind = match(f, pattern)
		if s and is_shop(s) and (not kind or place_of[kind]) then
			know(s)
		else
			odd[#odd + 1] = f
		end
	end
	slices(odd, function(part)
		call(cmd, key, unpack(part))
	end)
end

scrub(call('HKEYS', PEND), 'HDEL', PEND, '^(%d+)|(%l+)$')
scrub(call('HKEYS', TOKEN), 'HDEL', TOKEN, '^(%d+)$')
for _, key in ipairs({ READY, DELAYED, LEASED }) do
	scrub(call('ZRANGE', key, 0, -1), 'ZREM', key, '^(%d+)$')
end
slices(all, function(part)
	touch(part)
	for _, s in ipairs(part) do
		local held = call('ZSCORE', LEASED, s)
		if (held or row[s]) and not (held and row[s] and parse_row(row[s], token_length(row[s]))) then
			row[s] = false
			freed[#freed + 1] = s
		end
		unplaced[s] = false
	end
	commit()
end)
return lost and 1 or 0

#!lua flags=allow-oom
-- TAKE: n calls from an app's bucket and a shop's, both or neither, for many askers in turn.
-- KEYS[1] is the app's bucket, KEYS[1 + i] asker i's shop's (or the app's again: no shop).
-- ARGV = app interval us, app burst, shop interval us, shop burst, then n of each asker.
-- A bucket is the arrival time of GCRA in us: when it would be full again. Returns 0 or the ms to
-- wait, for each asker.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local app = { every = tonumber(ARGV[1]), burst = tonumber(ARGV[2]) }
local shop = { every = tonumber(ARGV[3]), burst = tonumber(ARGV[4]) }
local at, answer = {}, {}

-- Arrival time, never before now nor further ahead than a clock set back allows.
local function load(key, b)
	if not at[key] then
		local v = redis.pcall('GET', key)
		local t = type(v) == 'string' and tonumber(v) or now
		at[key] = math.max(now, math.min(t, now + b.every * b.burst))
	end
	return at[key]
end

local function wait(key, b, n)
	return load(key, b) + b.every * n - b.every * b.burst - now
end

local taken = {}
local function take(key, b, n)
	at[key] = at[key] + b.every * n
	taken[key] = b
end

for i = 2, #KEYS do
	local n = tonumber(ARGV[3 + i])
	local us = wait(KEYS[1], app, n)
	if KEYS[i] ~= KEYS[1] then
		us = math.max(us, wait(KEYS[i], shop, n))
	end
	if us <= 0 then
		take(KEYS[1], app, n)
		if KEYS[i] ~= KEYS[1] then
			take(KEYS[i], shop, n)
		end
	end
	answer[i - 1] = us <= 0 and 0 or math.ceil(us / 1000)
end
for key, b in pairs(taken) do
	local full_ms = math.ceil((at[key] - now) / 1000) + 1000
	redis.call('SET', key, string.format('%.0f', at[key]), 'PX', string.format('%.0f', full_ms))
end
return answer

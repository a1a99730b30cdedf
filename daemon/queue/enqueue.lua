-- ENQUEUE: ARGV[2...] are shop, kind, delay ms, repeated. Returns how many were not pending yet.
local list, fresh = {}, 0
for i = 2, #ARGV, 3 do
	if not is_shop(ARGV[i]) or not place_of[ARGV[i + 1]] or not tonumber(ARGV[i + 2]) then
		return redis.error_reply('BADARG enqueue')
	end
	list[#list + 1] = ARGV[i]
end
touch(list)
for i = 2, #ARGV, 3 do
	local at = now + math.min(tonumber(ARGV[i + 2]), MAX_DELAY)
	if merge(base[ARGV[i]] + place_of[ARGV[i + 1]], at, 0) then
		fresh = fresh + 1
	end
end
commit()
return fresh

-- DEAD: at most ARGV[2] dead entries as 'shop|kind', 'ms,reason,attempts', in one flat list.
local most, list = tonumber(ARGV[2]), {}
if not most or most < 1 or most > 1000 then
	return redis.error_reply('BADARG dead')
end
local keys = call('HKEYS', DEAD)
if #keys == 0 then
	return list
end
keys = { unpack(keys, 1, math.min(most, #keys)) }
local values = call('HMGET', DEAD, unpack(keys))
for i, f in ipairs(keys) do
	list[#list + 1] = f
	list[#list + 1] = values[i]
end
return list

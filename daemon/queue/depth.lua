-- DEPTH: ready, delayed, leased, dead, ms that the oldest due kind of a ready shop has waited,
-- bytes of memory that Redis uses.
-- Scores are due times less a bonus, so no shop further on than the oldest due time found can
-- hold an older one.
local oldest
local top = call('ZRANGE', READY, 0, 63, 'WITHSCORES')
for i = 1, #top, 2 do
	if oldest and tonumber(top[i + 1]) > oldest then
		break
	end
	touch({ top[i] })
	for p = base[top[i]] + 1, base[top[i]] + COUNT do
		local d = due[p]
		if d and d <= now and (not oldest or d < oldest) then
			oldest = d
		end
	end
end
return { call('ZCARD', READY), call('ZCARD', DELAYED), call('ZCARD', LEASED), call('HLEN', DEAD),
	oldest and now - oldest or 0,
	tonumber(match(call('INFO', 'memory'), 'used_memory:(%d+)') or 0) }

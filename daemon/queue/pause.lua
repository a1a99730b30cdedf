-- PAUSE: nobody claims for ARGV[2] ms; 0 lifts it.
local ms = tonumber(ARGV[2])
if not ms or ms < 0 then
	return redis.error_reply('BADARG pause')
end
call('HSET', GATE, 'pause_until', num(now + math.min(ms, MAX_DELAY)))
return 1

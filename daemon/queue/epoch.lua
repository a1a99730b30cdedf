-- Is this still the memory the caller knows? ARGV[1] is the epoch it was told. A key of the wrong
-- type fails here, before anything is written.
local epoch = call('HGET', META, 'epoch')
if not epoch then
	return redis.status_reply('NOEPOCH')
end
if epoch ~= ARGV[1] then
	return redis.status_reply('EPOCH')
end
for _, key in ipairs({ READY, DELAYED, LEASED }) do
	call('ZCARD', key)
end
for _, key in ipairs({ PEND, TOKEN, DEAD, GATE }) do
	call('HLEN', key)
end

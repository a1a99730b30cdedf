-- CANCEL: nothing is pending for the shop ARGV[2] any more; a job that runs may still finish.
-- Returns how many kinds were dropped.
local n = 0
if not ARGV[2] or not is_shop(ARGV[2]) then
	return redis.error_reply('BADARG cancel')
end
touch({ ARGV[2] })
for p = 1, COUNT do
	if due[p] then
		drop(p)
		n = n + 1
	end
end
commit()
return n

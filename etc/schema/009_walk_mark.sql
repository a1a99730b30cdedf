-- Where a first walk stands inside its window, page by page, so that one that was killed goes on there:
-- {"lo","hi","last","token","pages","rows","total"} of daemon/sync/walk_window.h; null: at the cursor.
ALTER TABLE ttsync.sync_state ADD COLUMN mark jsonb;

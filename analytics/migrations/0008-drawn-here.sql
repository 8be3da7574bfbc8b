-- Who was held out because an earlier campaign did was not drawn by this one; and attempts near the end of an hour.

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS held_out_before LowCardinality(String) COMMENT 'The earlier campaign because of which it is held out, so that it was not drawn here and is compared with nobody; empty: drawn here' AFTER contact_group;

CREATE OR REPLACE VIEW v_contacts AS SELECT *, contact_key, account_key, cluster_key FROM contacts FINAL;

-- An attempt presumed lost began when its dialer took it up; told later, when its INVITE was sent: perhaps in the next hour. Then the hour before must be counted
-- anew too, or the attempt stands in both. Quarters of an hour are many times what lies between the two.
CREATE MATERIALIZED VIEW IF NOT EXISTS touched_neighbours_of_attempts TO touched_hours AS
SELECT campaign_id, toDateTime(toUInt32(intDiv(near_ms, 3600000) * 3600), 'UTC') AS hour, max(now64(6, 'UTC')) AS touched_at
FROM (
    SELECT campaign_id, least(greatest(toUnixTimestamp64Milli(started_at), 0), 4294965600000) AS at_ms, arrayJoin([greatest(at_ms - 900000, 0), least(at_ms + 900000, 4294965600000)]) AS near_ms
    FROM attempts
)
WHERE intDiv(near_ms, 3600000) != intDiv(at_ms, 3600000)
GROUP BY campaign_id, hour;

-- Hours whose figures must be counted anew: something came in since, or so shortly before the count that the count may have missed it.
SELECT t.campaign_id AS campaign_id, toUnixTimestamp(t.hour) AS hour
FROM (SELECT campaign_id, hour, max(touched_at) AS touched_at FROM touched_hours GROUP BY campaign_id, hour) AS t
LEFT JOIN (SELECT campaign_id, hour, max(counted) AS counted FROM counted_hours GROUP BY campaign_id, hour) AS c ON c.campaign_id = t.campaign_id AND c.hour = t.hour
WHERE intDiv(c.counted, 1000) < toUnixTimestamp64Micro(t.touched_at) + {slack_seconds:UInt32} * 1000000
ORDER BY campaign_id, hour;

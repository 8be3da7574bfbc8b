-- How well did each trunk carry the calls? Times in ms; quantiles of many are of a sample of 8192, the same at every run. Parameters: campaign (String).
SELECT trunk, count() AS attempts, countIf(answered) AS answered, countIf(human) AS human,
       countIf(outcome IN ('congestion', 'failed', 'lost')) AS failed, countIf(outcome IN ('invalid_number', 'unreachable', 'rejected')) AS refused,
       quantileDeterministicIf(0.5)(assumeNotNull(post_dial_delay_ms), chance, post_dial_delay_ms IS NOT NULL) AS post_dial_delay_p50_ms, quantileDeterministicIf(0.95)(assumeNotNull(post_dial_delay_ms), chance, post_dial_delay_ms IS NOT NULL) AS post_dial_delay_p95_ms,
       sum(talk_ms) AS talk_ms
FROM (SELECT *, cityHash64(attempt_id) AS chance FROM v_attempts WHERE campaign_id = {campaign:String})
GROUP BY trunk
ORDER BY trunk;

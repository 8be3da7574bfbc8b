-- What did answering-machine detection say, and how fast? Times in ms. Parameters: campaign (String).
SELECT verdict, count() AS attempts, countIf(outcome = 'human') AS human, countIf(outcome = 'human' AND heard_whole) AS heard,
       quantileDeterministicIf(0.5)(assumeNotNull(verdict_latency_ms), cityHash64(attempt_id), verdict_latency_ms IS NOT NULL) AS latency_p50_ms,
       quantileDeterministicIf(0.95)(assumeNotNull(verdict_latency_ms), cityHash64(attempt_id), verdict_latency_ms IS NOT NULL) AS latency_p95_ms
FROM v_attempts
WHERE campaign_id = {campaign:String} AND verdict != ''
GROUP BY verdict
ORDER BY attempts DESC, verdict;

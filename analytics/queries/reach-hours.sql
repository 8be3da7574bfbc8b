-- At which hour, on the callee's own clock, do people answer? Parameters: campaign (String).
SELECT local_hour, count() AS attempts, countIf(answered) AS answered, countIf(human) AS human, countIf(heard_whole) AS heard
FROM v_attempts
WHERE campaign_id = {campaign:String}
GROUP BY local_hour
ORDER BY local_hour;

-- How did the first, second, third … attempt end? Parameters: campaign (String).
SELECT attempt_number, count() AS attempts, countIf(answered) AS answered, countIf(human) AS human,
       countIf(heard_whole) AS heard, countIf(promised) AS promised
FROM v_attempts
WHERE campaign_id = {campaign:String}
GROUP BY attempt_number
ORDER BY attempt_number;

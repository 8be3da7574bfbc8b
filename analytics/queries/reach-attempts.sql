-- How did the first, second, third … attempt end? Parameters: campaign (String).
SELECT attempt_number, sum(attempts) AS attempts, sum(answered) AS answered, sum(human) AS human, sum(heard) AS heard, sum(promised) AS promised
FROM v_hour_figures
WHERE campaign_id = {campaign:String}
GROUP BY attempt_number
ORDER BY attempt_number;

-- At which hour of which weekday, on the callee's own clock, do people answer? Parameters: campaign (String).
SELECT local_weekday, local_hour, sum(attempts) AS attempts, sum(answered) AS answered, sum(human) AS human, sum(heard) AS heard
FROM v_hour_figures
WHERE campaign_id = {campaign:String}
GROUP BY local_weekday, local_hour
ORDER BY local_weekday, local_hour;

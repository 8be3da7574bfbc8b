-- Outcomes by attempt number. Parameters: campaign (String).
SELECT attempt_number, outcome, sum(attempts) AS attempts
FROM v_hour_figures
WHERE campaign_id = {campaign:String}
GROUP BY attempt_number, outcome
ORDER BY attempt_number, attempts DESC, outcome;

-- Outcomes by attempt number. Parameters: campaign (String).
SELECT attempt_number, outcome, count() AS attempts
FROM v_attempts
WHERE campaign_id = {campaign:String}
GROUP BY attempt_number, outcome
ORDER BY attempt_number, attempts DESC, outcome;

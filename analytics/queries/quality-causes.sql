-- Why were calls not answered, in the network's own words? Parameters: campaign (String).
SELECT outcome, sip_status, q850_cause, count() AS attempts
FROM v_attempts
WHERE campaign_id = {campaign:String} AND NOT answered
GROUP BY outcome, sip_status, q850_cause
ORDER BY attempts DESC, outcome, sip_status, q850_cause
LIMIT 30;

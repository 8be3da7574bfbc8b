-- Are our numbers still answered? The last seven days of the campaign's calls beside those before: a number that is answered less and
-- less, or rejected more, is perhaps marked as spam. Parameters: campaign (String).
WITH (SELECT max(hour) FROM v_hour_figures WHERE campaign_id = {campaign:String}) AS last_hour
SELECT caller_id, sum(f.attempts) AS attempts, sum(f.answered) AS answered, sum(f.human) AS human, sumIf(f.attempts, f.outcome = 'rejected') AS rejected,
       sumIf(f.attempts, late) AS late_attempts, sumIf(f.answered, late) AS late_answered, attempts - late_attempts AS early_attempts, answered - late_answered AS early_answered
FROM (SELECT *, hour > last_hour - INTERVAL 7 DAY AS late FROM v_hour_figures WHERE campaign_id = {campaign:String}) AS f
GROUP BY caller_id
ORDER BY attempts DESC, caller_id
LIMIT 100;

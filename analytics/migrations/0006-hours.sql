-- An hour that is being counted anew shows its new figures as they come, never none: while both are there, rows of its latest count and newer ones hold.
CREATE OR REPLACE VIEW v_hour_figures AS
SELECT f.campaign_id AS campaign_id, f.hour AS hour, f.trunk AS trunk, f.caller_id AS caller_id, f.attempt_number AS attempt_number, f.outcome AS outcome, f.local_weekday AS local_weekday,
       f.local_hour AS local_hour, f.attempts AS attempts, f.answered AS answered, f.human AS human, f.heard AS heard, f.promised AS promised, f.talk_ms AS talk_ms
FROM (SELECT * FROM hour_figures FINAL) AS f
INNER JOIN (SELECT campaign_id, hour, max(counted) AS latest FROM counted_hours GROUP BY campaign_id, hour) AS c ON c.campaign_id = f.campaign_id AND c.hour = f.hour
WHERE f.counted >= c.latest;

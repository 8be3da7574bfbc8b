-- Who was to be called and ended before any call, and why? Parameters: campaign (String).
SELECT disposition, reason, count() AS contacts
FROM v_dispositions
WHERE campaign_id = {campaign:String} AND contact_group = 'called' AND attempts = 0
GROUP BY disposition, reason
ORDER BY contacts DESC, disposition, reason
LIMIT 50;

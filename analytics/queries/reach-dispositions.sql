-- How did contacts end? Those still under way are not in it. Parameters: campaign (String).
SELECT disposition, count() AS contacts
FROM v_dispositions
WHERE campaign_id = {campaign:String}
GROUP BY disposition
ORDER BY contacts DESC, disposition;

-- Which rows of the lists were refused, and why? Parameters: campaign (String).
SELECT reason, sum(n) AS rows
FROM v_loads
ARRAY JOIN mapKeys(refused) AS reason, mapValues(refused) AS n
WHERE campaign_id = {campaign:String}
GROUP BY reason
ORDER BY rows DESC, reason;

-- How many contacts are in each group, and what do they owe? Parameters: campaign (String).
SELECT contact_group, count() AS contacts, sum(debt_minor) AS debt_minor
FROM v_contacts
WHERE campaign_id = {campaign:String}
GROUP BY contact_group
ORDER BY contact_group;

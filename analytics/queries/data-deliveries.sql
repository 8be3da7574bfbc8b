-- How many rows lie in the tables, how many there are once each is counted once, and how far each reaches?
-- Parameters: campaign (String).
SELECT 'contacts' AS name, (SELECT count() FROM contacts WHERE campaign_id = {campaign:String}) AS stored, count() AS rows, toUnixTimestamp64Milli(max(loaded_at)) AS until_ms FROM v_contacts WHERE campaign_id = {campaign:String}
UNION ALL
SELECT 'attempts', (SELECT count() FROM attempts WHERE campaign_id = {campaign:String}), count(), toUnixTimestamp64Milli(max(ended_at)) FROM v_attempts WHERE campaign_id = {campaign:String}
UNION ALL
SELECT 'dispositions', (SELECT count() FROM dispositions WHERE campaign_id = {campaign:String}), count(), toUnixTimestamp64Milli(max(closed_at)) FROM v_dispositions WHERE campaign_id = {campaign:String}
UNION ALL
SELECT 'payments', (SELECT count() FROM payments), count(), toUnixTimestamp64Milli(max(received_at)) FROM v_payments;

-- How many of those held out were called by other campaigns in the days that count? Parameters: campaign (String), from_ms and until_ms (Int64).
SELECT count() AS contacts
FROM v_contacts
WHERE campaign_id = {campaign:String} AND contact_group = 'held_out' AND account_id IN (
    SELECT account_id
    FROM v_contacts
    WHERE campaign_id != {campaign:String} AND contact_key IN (
        SELECT contact_key
        FROM contact_progress
        WHERE campaign_id != {campaign:String} AND toUnixTimestamp64Milli(last_ended) >= {from_ms:Int64} AND toUnixTimestamp64Milli(first_started) < {until_ms:Int64}));

-- Did other channels (letters, SMS) reach both groups alike? Contacts of each group that a channel reached in the `before` days before the first call, and from then on for
-- `horizon` days. Parameters: campaign (String), first_call_ms (Int64), before (UInt16, days), horizon (UInt16, days).
WITH fromUnixTimestamp64Milli({first_call_ms:Int64}, 'UTC') AS first_call
SELECT t.channel AS channel, c.contact_group AS contact_group, uniqExactIf(c.contact_id, t.at < first_call AND t.at >= first_call - toIntervalDay({before:UInt16})) AS before,
       uniqExactIf(c.contact_id, t.at >= first_call AND t.at < first_call + toIntervalDay({horizon:UInt16})) AS since
FROM (SELECT contact_id, account_id, contact_group FROM v_contacts WHERE campaign_id = {campaign:String} AND held_out_before = '' AND account_id IN (SELECT account_id FROM touches)) AS c
INNER JOIN (SELECT account_id, toString(channel) AS channel, at FROM v_touches) AS t ON t.account_id = c.account_id
GROUP BY channel, contact_group
ORDER BY channel, contact_group;

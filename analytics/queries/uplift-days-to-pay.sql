-- When contacts paid first, and how long each could be followed: for Kaplan and Meier's curve, while some contacts' days are not over.
-- `day` is that of the first payment, or the last whole day that is known, whichever is first. Each who has paid is taken from those who were followed to the end without.
-- Parameters: campaign (String), first_call_ms and until_ms (Int64), since (String), horizon (UInt16, days).
WITH
    people AS (
        SELECT contact_group, contact_key, account_key, if({since:String} = 'load', toUnixTimestamp64Milli(loaded_at), greatest(toUnixTimestamp64Milli(loaded_at), {first_call_ms:Int64})) AS origin_ms,
               least(greatest(0, intDiv({until_ms:Int64} - origin_ms, 86400000)), {horizon:UInt16}) AS followed
        FROM v_contacts
        WHERE campaign_id = {campaign:String} AND held_out_before = ''
    ),
    payers AS (
        SELECT contact_key, any(contact_group) AS drawn_to, any(followed) AS last_day, min(intDiv(paid_ms - origin_ms, 86400000) + 1) AS first_day
        FROM people
        INNER JOIN (SELECT account_key, toUnixTimestamp64Milli(paid_at) AS paid_ms FROM v_payments WHERE amount_minor > 0) AS paid ON paid.account_key = people.account_key
        WHERE paid_ms >= origin_ms AND paid_ms < origin_ms + followed * 86400000
        GROUP BY contact_key
    )
SELECT contact_group, day, has_paid, sum(n) AS contacts
FROM (
    SELECT contact_group, followed AS day, false AS has_paid, toInt64(count()) AS n FROM people GROUP BY contact_group, day
    UNION ALL
    SELECT drawn_to, one.1, one.2, sum(one.3) FROM payers ARRAY JOIN [(last_day, false, -1), (first_day, true, 1)] AS one GROUP BY drawn_to, one.1, one.2
)
GROUP BY contact_group, day, has_paid
HAVING contacts > 0
ORDER BY contact_group, day, has_paid;

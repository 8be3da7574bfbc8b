-- When contacts paid first, and how long each could be followed: for Kaplan and Meier's curve, while some contacts' days are not over.
-- `day` is that of the first payment, or the last whole day that is known, whichever is first. Parameters as uplift-sums.sql, and until_ms (Int64), horizon (UInt16, days).
WITH
    ifNull((SELECT min(first_started) FROM contact_progress WHERE campaign_id = {campaign:String}), toDateTime64(0, 3, 'UTC')) AS first_call,
    people AS (
        SELECT contact_group, sipHash64(account_id, currency) AS account, toUnixTimestamp64Milli(if({since:String} = 'load', loaded_at, greatest(loaded_at, first_call))) AS origin_ms
        FROM v_contacts
        WHERE campaign_id = {campaign:String}
    ),
    paid AS (
        SELECT sipHash64(account_id, currency) AS account, groupArray(toUnixTimestamp64Milli(paid_at)) AS times
        FROM v_payments
        WHERE amount_minor > 0
        GROUP BY account
    )
SELECT contact_group, least(first_day, followed, {horizon:UInt16}) AS day, first_day <= followed AND first_day <= {horizon:UInt16} AS has_paid, count() AS contacts
FROM (
    SELECT contact_group, intDiv(arrayMin(t -> if(t >= origin_ms, t, 9000000000000000), times) - origin_ms, 86400000) + 1 AS first_day,
           greatest(0, intDiv({until_ms:Int64} - origin_ms, 86400000)) AS followed
    FROM (SELECT contact_group, origin_ms, arrayConcat(times, [9000000000000000]) AS times FROM people LEFT JOIN paid ON paid.account = people.account)
)
GROUP BY contact_group, day, has_paid
ORDER BY contact_group, day, has_paid;

-- Who paid, and how much, within 1, 2, 3 … days, by group as it was drawn (intention to treat: everybody in a group
-- counts, reached or not). Days count from the first call of the campaign, or from the contact's own load if that was
-- later; with since = 'load' always from the load. The rule is the same for both groups, so their difference is what
-- calling caused. Sums and sums of squares are over contacts, in minor units: enough for means, variances, intervals.
-- A group none of whose contacts paid has no rows here. Parameters: campaign (String), horizon (UInt16, days), since (String).
WITH
    (SELECT min(started_at) FROM v_attempts WHERE campaign_id = {campaign:String}) AS first_call,
    members AS (
        SELECT account_id, contact_id, contact_group, currency,
               if({since:String} = 'load', loaded_at, greatest(loaded_at, first_call)) AS origin
        FROM v_contacts
        WHERE campaign_id = {campaign:String}
    ),
    paid AS (
        SELECT m.contact_id AS contact_id, any(m.contact_group) AS contact_group,
               groupArray((intDiv(toUnixTimestamp64Milli(p.paid_at) - toUnixTimestamp64Milli(m.origin), 86400000) + 1, p.amount_minor)) AS payments
        FROM v_payments AS p
        INNER JOIN members AS m ON m.account_id = p.account_id AND m.currency = p.currency
        WHERE p.paid_at >= m.origin AND toUnixTimestamp64Milli(p.paid_at) < toUnixTimestamp64Milli(m.origin) + {horizon:UInt16} * 86400000
        GROUP BY m.contact_id
    ),
    by_day AS (
        SELECT contact_group, day, arraySum(payment -> if(payment.1 <= day, payment.2, 0), payments) AS amount
        FROM paid
        ARRAY JOIN range(1, {horizon:UInt16} + 1) AS day
    )
SELECT contact_group, day, countIf(amount > 0) AS paid, sum(amount) AS amount_minor, sum(toFloat64(amount) * toFloat64(amount)) AS amount_squares
FROM by_day
GROUP BY contact_group, day
ORDER BY contact_group, day;

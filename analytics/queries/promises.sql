-- What became of the promises to pay? A promise is kept if money came from the day of the call to a day after the promised one
-- (so long a payment may take to be booked), late if it came after, broken if that day is over and none came, open before.
-- One promise a contact: the latest. Parameters: campaign (String), data_until_ms (Int64).
WITH
    promises AS (
        SELECT contact_id, promised_at, promised_date
        FROM v_contact_progress
        WHERE campaign_id = {campaign:String} AND promised
    ),
    people AS (
        SELECT contact_id, account_id, currency
        FROM v_contacts
        WHERE campaign_id = {campaign:String} AND contact_id IN (SELECT contact_id FROM promises)
    ),
    money AS (
        SELECT p.contact_id AS contact_id,
               sumIf(y.amount_minor, y.paid_at < toDateTime64(p.promised_date, 3, 'UTC') + INTERVAL 2 DAY) AS in_time,
               sum(y.amount_minor) AS ever
        FROM promises AS p
        INNER JOIN people AS c ON c.contact_id = p.contact_id
        INNER JOIN v_payments AS y ON y.account_id = c.account_id AND y.currency = c.currency
        WHERE y.paid_at >= toStartOfDay(p.promised_at)
        GROUP BY p.contact_id
    )
SELECT count() AS promised, countIf(m.in_time > 0) AS kept, countIf(m.in_time <= 0 AND m.ever > 0) AS late,
       countIf(m.ever <= 0 AND over) AS broken, countIf(m.ever <= 0 AND NOT over) AS open, sumIf(m.in_time, m.in_time > 0) AS kept_minor
FROM (
    SELECT contact_id, toUnixTimestamp64Milli(toDateTime64(promised_date, 3, 'UTC') + INTERVAL 2 DAY) <= {data_until_ms:Int64} AS over
    FROM promises
) AS p
LEFT JOIN money AS m ON m.contact_id = p.contact_id;

-- What became of the promises to pay? A promise is kept if money came from the day of the call to a day after the promised one
-- (so long a payment may take to be booked), late if it came after, broken if that day is over and none came, open before.
-- One promise a contact: the latest, which is the largest over all copies of its row. Parameters: campaign (String), data_until_ms (Int64).
WITH
    promises AS (
        SELECT contact_key, max(promise) AS latest
        FROM contact_progress
        WHERE campaign_id = {campaign:String} AND promise > 0
        GROUP BY contact_key
    ),
    people AS (
        SELECT promises.contact_key AS contact, promises.latest AS latest, c.account_key AS account_key
        FROM (SELECT contact_key, account_key FROM v_contacts WHERE campaign_id = {campaign:String}) AS c
        RIGHT JOIN promises ON promises.contact_key = c.contact_key
    ),
    outcomes AS (
        SELECT people.contact AS contact, toStartOfDay(fromUnixTimestamp64Milli(toInt64(intDiv(any(people.latest), 100000)) * 1000, 'UTC')) AS from_day,
               toDateTime64(toDate32(toInt32(any(people.latest) % 100000)), 3, 'UTC') + INTERVAL 2 DAY AS over_at,
               groupArrayIf((paid.paid_at, paid.amount_minor), paid.amount_minor != 0) AS payments
        FROM people
        LEFT JOIN (SELECT account_key, paid_at, amount_minor FROM v_payments) AS paid ON paid.account_key = people.account_key
        GROUP BY contact
    )
SELECT count() AS promised, countIf(in_time > 0) AS kept, countIf(in_time <= 0 AND ever > 0) AS late,
       countIf(ever <= 0 AND over) AS broken, countIf(ever <= 0 AND NOT over) AS open, sumIf(in_time, in_time > 0) AS kept_minor
FROM (
    SELECT arraySum(y -> if(y.1 >= from_day AND y.1 < over_at, y.2, 0), payments) AS in_time, arraySum(y -> if(y.1 >= from_day, y.2, 0), payments) AS ever,
           toUnixTimestamp64Milli(over_at) <= {data_until_ms:Int64} AS over
    FROM outcomes
);

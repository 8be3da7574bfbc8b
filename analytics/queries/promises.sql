-- What became of the promises to pay? A promise is kept if money came from the day of the call to a day after the promised one
-- (so long a payment may take to be booked), late if it came after, broken if that day is over and none came, open before.
-- One promise a contact: the latest. Contacts and accounts are matched by 64 bits of their names. Parameters: campaign (String), data_until_ms (Int64).
WITH
    promises AS (
        SELECT sipHash64(contact_id) AS contact, toStartOfDay(promised_at) AS from_day, toDateTime64(promised_date, 3, 'UTC') + INTERVAL 2 DAY AS over_at
        FROM v_contact_progress
        WHERE campaign_id = {campaign:String} AND promised
    ),
    people AS (
        SELECT sipHash64(contact_id) AS contact, sipHash64(account_id, currency) AS account
        FROM v_contacts
        WHERE campaign_id = {campaign:String} AND contact IN (SELECT contact FROM promises)
    ),
    money AS (
        SELECT sipHash64(account_id, currency) AS account, groupArray((paid_at, amount_minor)) AS payments
        FROM v_payments
        GROUP BY account
    ),
    paid AS (
        SELECT c.contact AS contact, m.payments AS payments
        FROM people AS c
        INNER JOIN money AS m ON m.account = c.account
    )
SELECT count() AS promised, countIf(in_time > 0) AS kept, countIf(in_time <= 0 AND ever > 0) AS late,
       countIf(ever <= 0 AND over) AS broken, countIf(ever <= 0 AND NOT over) AS open, sumIf(in_time, in_time > 0) AS kept_minor
FROM (
    SELECT arraySum(y -> if(y.1 >= p.from_day AND y.1 < p.over_at, y.2, 0), m.payments) AS in_time, arraySum(y -> if(y.1 >= p.from_day, y.2, 0), m.payments) AS ever,
           toUnixTimestamp64Milli(p.over_at) <= {data_until_ms:Int64} AS over
    FROM promises AS p
    LEFT JOIN paid AS m ON m.contact = p.contact
);

-- What is known of a list before its first call that tells how small an effect will be found: contacts of each group, how many share a phone,
-- debts, and who paid anything in the `days` days before the load. `_squares` are sums of squares. Parameters: campaign (String), days (UInt16).
SELECT sum(size) AS contacts, sum(alone) AS held_out, sum(size * size) AS cluster_squares, sum(owed) AS debt, sum(owed_squares) AS debt_squares, sum(payers) AS paid_before,
       (SELECT any(hold_out_share) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS planned_share,
       (SELECT any(currency) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS campaign_currency
FROM (
    SELECT cluster_key, toFloat64(count()) AS size, countIf(contact_group = 'held_out') AS alone,
           sum(toFloat64(debt_minor)) AS owed, sum(toFloat64(debt_minor) * toFloat64(debt_minor)) AS owed_squares,
           countIf(arrayExists(t -> t < loaded_ms AND t >= loaded_ms - {days:UInt16} * 86400000, times)) AS payers
    FROM (
        SELECT account_id, currency, cluster_key, contact_group, debt_minor, toUnixTimestamp64Milli(loaded_at) AS loaded_ms
        FROM v_contacts
        WHERE campaign_id = {campaign:String} AND held_out_before = ''
    ) AS people
    LEFT JOIN (
        SELECT account_id, currency, groupArray(toUnixTimestamp64Milli(paid_at)) AS times
        FROM v_payments
        WHERE amount_minor > 0
        GROUP BY account_id, currency
    ) AS paid ON paid.account_id = people.account_id AND paid.currency = people.currency
    GROUP BY cluster_key
);

-- Sums for every estimate of what calling is worth, by class of debts, language, one or more phones, whether another channel (a letter, an SMS) reached anybody of the
-- cluster in the days before, and arm as it was drawn (intention to treat: everybody in an arm counts, reached or not). What was drawn as one, else contacts with the same
-- first phone, is one cluster: their values are added before they are multiplied. Days count from the first call of the campaign, or from the
-- contact's own load if that was later; with since = 'load' always from the load.
-- Arrays have one value for each of `horizons` (days). Classes are powers of two of the largest debt of a cluster, in minor units.
-- Parameters: campaign (String), drawn_for (String: group, attempts, first_hour or message), arms (Array(String), those that are told; held_out is one of each),
-- horizons (Array(UInt16), days), since (String), before (UInt16, days of earlier payments and letters that are looked at).
WITH
    -- How far contacts were reached, without FINAL: largest and least values are the same over all parts of a contact's row.
    ifNull((SELECT min(first_started) FROM contact_progress WHERE campaign_id = {campaign:String}), toDateTime64(0, 3, 'UTC')) AS first_call,
    -- Accounts and contacts are matched by 64 bits of their names: numbers are matched three times as fast, and in 2 million two are the same once in a million times.
    people AS (
        SELECT toUInt8(indexOf({arms:Array(String)}, if(contact_group = 'held_out', 'held_out', multiIf({drawn_for:String} = 'attempts', toString(attempts_allowed), {drawn_for:String} = 'first_hour', toString(first_hour), {drawn_for:String} = 'message', toString(message_version), 'called')))) AS arm,
               sipHash64(contact_id) AS contact, sipHash64(account_id, currency) AS account, sipHash64(account_id) AS owner, toUInt8(indexOf(['uk', 'ru', 'en'], language)) AS spoken, phones > 1 AS several, toFloat64(debt_minor) AS debt, cluster_key AS cluster,
               toUnixTimestamp64Milli(if({since:String} = 'load', loaded_at, greatest(loaded_at, first_call))) AS origin_ms
        FROM v_contacts
        WHERE campaign_id = {campaign:String} AND arm > 0
    ),
    -- By the first day of the campaign, the same for all, so that it holds nothing that calling may have changed.
    told AS (
        SELECT sipHash64(account_id)
        FROM v_touches
        WHERE at < first_call AND at >= first_call - toIntervalDay({before:UInt16})
    ),
    paid AS (
        SELECT sipHash64(account_id, currency) AS account, groupArray((toUnixTimestamp64Milli(paid_at), toFloat64(amount_minor))) AS payments
        FROM v_payments
        GROUP BY account
    ),
    contacts AS (
        SELECT arm, bitXor(cluster, toUInt64(arm) * 11400714819323198485) AS drawn, debt, spoken, several, owner IN (SELECT * FROM told) AS other_channel,
               toFloat64(contact IN (SELECT sipHash64(contact_id) FROM contact_progress WHERE campaign_id = {campaign:String} AND heard = 1)) AS reached,
               arraySum(p -> if(p.1 < origin_ms AND p.1 >= origin_ms - {before:UInt16} * 86400000, p.2, 0), payments) AS earlier,
               arrayFilter(p -> p.1 >= origin_ms, payments) AS later,
               if(empty(later), [], arrayMap(h -> arraySum(p -> if(p.1 < origin_ms + h * 86400000, p.2, 0), later), {horizons:Array(UInt16)})) AS money,
               arrayMap(m -> toFloat64(m > 0), money) AS paid_in,
               arrayMap(m -> least(greatest(m, 0), debt), money) AS cleared,
               intDiv(arrayMin(p -> if(p.2 > 0, p.1, 9000000000000000), later) - origin_ms, 86400000) + 1 AS first_day,
               arrayMap((h, yes) -> yes * greatest(0, h - first_day), if(empty(later), [], {horizons:Array(UInt16)}), paid_in) AS early
        FROM people
        LEFT JOIN paid ON paid.account = people.account
    ),
    clusters AS (
        SELECT any(arm) AS cluster_arm, min(spoken) AS tongue, max(several) AS several_phones, max(other_channel) AS touched, toFloat64(count()) AS size, sum(debt) AS d, max(debt) AS largest, sum(earlier) AS b, sum(reached) AS r,
               sumForEach(money) AS m, sumForEach(paid_in) AS p, sumForEach(cleared) AS c, sumForEach(early) AS e
        FROM contacts
        GROUP BY drawn
    )
SELECT {arms:Array(String)}[cluster_arm] AS drawn_arm, toInt32(floor(log2(greatest(largest, 1)))) AS debt_class, if(tongue = 0, 'other', ['uk', 'ru', 'en'][tongue]) AS language, several_phones, touched, count() AS clusters,
       sum(size) AS n, sum(d) AS debt, sum(b) AS before, sum(r) AS reached,
       sum(size * size) AS n_n, sum(size * d) AS n_debt, sum(size * b) AS n_before, sum(size * r) AS n_reached,
       sum(d * d) AS debt_debt, sum(b * b) AS before_before, sum(r * r) AS reached_reached, sum(b * r) AS before_reached,
       sumForEach(arrayMap(x -> toFloat64(x != 0), m)) AS paying,
       sumForEach(p) AS paid, sumForEach(m) AS money, sumForEach(c) AS cleared, sumForEach(e) AS early,
       sumForEach(arrayMap(x -> x * size, p)) AS n_paid, sumForEach(arrayMap(x -> x * x, p)) AS paid_paid, sumForEach(arrayMap(x -> x * b, p)) AS before_paid, sumForEach(arrayMap(x -> x * r, p)) AS reached_paid,
       sumForEach(arrayMap(x -> x * size, m)) AS n_money, sumForEach(arrayMap(x -> x * x, m)) AS money_money, sumForEach(arrayMap(x -> x * b, m)) AS before_money, sumForEach(arrayMap(x -> x * r, m)) AS reached_money,
       sumForEach(arrayMap(x -> x * x, c)) AS cleared_cleared, sumForEach(arrayMap(x -> x * d, c)) AS debt_cleared,
       sumForEach(arrayMap(x -> x * size, e)) AS n_early, sumForEach(arrayMap(x -> x * x, e)) AS early_early
FROM clusters
GROUP BY drawn_arm, debt_class, language, several_phones, touched
ORDER BY touched, debt_class, language, several_phones, drawn_arm;

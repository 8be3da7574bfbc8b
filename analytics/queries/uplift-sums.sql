-- Sums for every estimate of what calling is worth, by class of debts, language, one or more phones, whether another channel (a letter, an SMS) reached anybody of the
-- cluster in the days before, and arm as it was drawn (intention to treat: everybody in an arm counts, reached or not). What was drawn as one, else contacts with the same
-- first phone, is one cluster (who was held out because of an earlier campaign is in none): their values are added before they are multiplied. Days count from the first call of the campaign, or from the
-- contact's own load if that was later; with since = 'load' always from the load. Classes are powers of two of the largest debt of a cluster, in minor units.
-- Each row is what came on one day (0: before the days count, and what does not change with days), so a sum after so many days is that of the rows up to then:
-- a product of two sums changes by what it is after a payment less what it was before. `first_days`: of each contact that has paid, the day of its first payment.
-- Parameters: campaign (String), drawn_for (String: group, attempts, first_hour or message), arms (Array(String), those that are told; held_out is one of each),
-- first_call_ms (Int64), since (String), before and last_day (UInt16, days of payments before and after that are looked at; letters before).
WITH
    -- Contacts are matched with their calls and payments by 64 bits of their names.
    people AS (
        SELECT toUInt8(if(contact_group = 'held_out', indexOf({arms:Array(String)}, 'held_out'), indexOf({arms:Array(String)}, multiIf({drawn_for:String} = 'attempts', toString(attempts_allowed), {drawn_for:String} = 'first_hour', toString(first_hour), {drawn_for:String} = 'message', toString(message_version), 'called')))) AS arm,
               bitXor(cluster_key, toUInt64(arm) * 11400714819323198485) AS drawn, contact_key, account_key, toFloat64(debt_minor) AS debt, language, phones,
               if({since:String} = 'load', toUnixTimestamp64Milli(loaded_at), greatest(toUnixTimestamp64Milli(loaded_at), {first_call_ms:Int64})) AS origin_ms
        FROM v_contacts
        WHERE campaign_id = {campaign:String} AND arm > 0 AND held_out_before = ''
    ),
    -- By the first day of the campaign, the same for all, so that it holds nothing that calling may have changed.
    told AS (
        SELECT cityHash64(account_id, arrayJoin((SELECT groupUniqArray(toString(currency)) FROM v_contacts WHERE campaign_id = {campaign:String}))) AS account_key
        FROM v_touches
        WHERE at < fromUnixTimestamp64Milli({first_call_ms:Int64}) AND at >= fromUnixTimestamp64Milli({first_call_ms:Int64}) - toIntervalDay({before:UInt16})
    ),
    -- Arm, language, one or more phones, touched and class of debts as one number.
    clusters AS (
        SELECT drawn, any(arm) + 64 * toUInt32(min(multiIf(language = 'uk', 1, language = 'ru', 2, language = 'en', 3, 0)) + 4 * max(phones > 1) + 8 * max(account_key IN (SELECT account_key FROM told)) + 16 * toUInt16(floor(log2(greatest(max(debt), 1))))) AS cell,
               toFloat64(count()) AS size, sum(debt) AS d,
               sum(toFloat64(contact_key IN (SELECT contact_key FROM contact_progress WHERE campaign_id = {campaign:String} AND heard = 1))) AS r
        FROM people
        GROUP BY drawn
    ),
    money AS (
        SELECT drawn, contact_key, debt, amount, if(paid_ms < origin_ms, 0, intDiv(paid_ms - origin_ms, 86400000) + 1) AS day
        FROM people
        INNER JOIN (SELECT account_key, toUnixTimestamp64Milli(paid_at) AS paid_ms, toFloat64(amount_minor) AS amount FROM v_payments) AS paid ON paid.account_key = people.account_key
        WHERE paid_ms >= origin_ms - {before:UInt16} * 86400000 AND paid_ms < origin_ms + {last_day:UInt16} * 86400000
    ),
    -- By how much each payment changes what its contact has paid before (db) and since (dm), whether it has paid (dp), what of its debt is cleared (dc), and the day it paid first (df).
    of_contacts AS (
        SELECT drawn, day, if(day = 0, amount, 0) AS db, if(day > 0, amount, 0) AS dm,
               sum(dm) OVER up_to AS after, after - dm AS until, min(if(dm > 0, day, 65535)) OVER up_to AS first_day,
               toFloat64(after > 0) - toFloat64(until > 0) AS dp, least(greatest(after, 0), debt) - least(greatest(until, 0), debt) AS dc, dp * first_day AS df
        FROM money
        WINDOW up_to AS (PARTITION BY drawn, contact_key ORDER BY day ROWS UNBOUNDED PRECEDING)
    ),
    of_clusters AS (
        SELECT drawn, day, db, dm, dp, dc, df, sum(db) OVER up_to AS b, sum(dm) OVER up_to AS m, sum(dp) OVER up_to AS p, sum(dc) OVER up_to AS c, sum(df) OVER up_to AS f
        FROM of_contacts
        WINDOW up_to AS (PARTITION BY drawn ORDER BY day ROWS UNBOUNDED PRECEDING)
    )
SELECT {arms:Array(String)}[cell % 64] AS drawn_arm, intDiv(cell, 1024) AS debt_class, ['other', 'uk', 'ru', 'en'][bitAnd(intDiv(cell, 64), 3) + 1] AS language, bitTest(cell, 8) AS several_phones, bitTest(cell, 9) AS touched, * EXCEPT cell
FROM (
    SELECT cell, 0 AS day, count() AS clusters, sum(size) AS n, sum(d) AS debt, sum(r) AS reached, sum(size * size) AS n_n, sum(size * d) AS n_debt, sum(size * r) AS n_reached, sum(d * d) AS debt_debt, sum(r * r) AS reached_reached,
           0 AS before, 0 AS n_before, 0 AS before_before, 0 AS before_reached, 0 AS paying, 0 AS paid, 0 AS money, 0 AS cleared, 0 AS first_days, 0 AS n_paid, 0 AS paid_paid, 0 AS before_paid, 0 AS reached_paid,
           0 AS n_money, 0 AS money_money, 0 AS before_money, 0 AS reached_money, 0 AS cleared_cleared, 0 AS debt_cleared, 0 AS n_first_days, 0 AS paid_first_days, 0 AS first_days_first_days
    FROM clusters
    GROUP BY cell
    UNION ALL
    SELECT cell, day, 0, 0, 0, 0, 0, 0, 0, 0, 0,
           sum(db), sum(size * db), sum(db * (2 * b - db)), sum(r * db), sum(toFloat64(m != 0) - toFloat64(m != dm)), sum(dp), sum(dm), sum(dc), sum(df), sum(size * dp), sum(dp * (2 * p - dp)), sum(b * dp), sum(r * dp),
           sum(size * dm), sum(dm * (2 * m - dm)), sum(b * dm), sum(r * dm), sum(dc * (2 * c - dc)), sum(d * dc), sum(size * df), sum(p * f - (p - dp) * (f - df)), sum(df * (2 * f - df))
    FROM clusters
    INNER JOIN of_clusters ON of_clusters.drawn = clusters.drawn
    GROUP BY cell, day
)
ORDER BY touched, debt_class, language, several_phones, drawn_arm, day;

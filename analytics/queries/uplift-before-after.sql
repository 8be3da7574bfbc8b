-- Without a hold-out: what accounts of the campaign paid in the period before and after calling began, beside accounts that are in no list of it, and both in the
-- two periods before that. Only accounts that paid something in the period before those three, of either kind, so that both are people who pay.
-- Amounts in minor units; `_squares` are sums of squares over accounts. Parameters: campaign (String), currency (String), start_ms (Int64), period (UInt16, days).
WITH {period:UInt16} * 86400000 AS period_ms, toUnixTimestamp64Milli(paid_at) - {start_ms:Int64} + 4 * period_ms AS since_ms
SELECT called, count() AS accounts,
       sum(d1) AS change_1, sum(d1 * d1) AS change_1_squares, sum(d2) AS change_2, sum(d2 * d2) AS change_2_squares, sum(d3) AS change_3, sum(d3 * d3) AS change_3_squares
FROM (
    SELECT account_id IN (SELECT account_id FROM v_contacts WHERE campaign_id = {campaign:String}) AS called,
           sumIf(toFloat64(amount_minor), since_ms < period_ms) AS earliest,
           sumIf(toFloat64(amount_minor), intDiv(since_ms, period_ms) = 1) AS p1, sumIf(toFloat64(amount_minor), intDiv(since_ms, period_ms) = 2) AS p2,
           sumIf(toFloat64(amount_minor), intDiv(since_ms, period_ms) = 3) AS p3, sumIf(toFloat64(amount_minor), intDiv(since_ms, period_ms) = 4) AS p4,
           p2 - p1 AS d1, p3 - p2 AS d2, p4 - p3 AS d3
    FROM v_payments
    WHERE currency = {currency:String} AND since_ms >= 0 AND since_ms < 5 * period_ms
    GROUP BY account_id
    HAVING earliest > 0
)
GROUP BY called;

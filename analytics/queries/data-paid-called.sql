-- How fast did a payment end the calls, and who was called after having paid? `known`: the moment at which what billing had told reached the share
-- of the debt that ends the calls (any money, unless the campaign says more); money that was paid before the load and told after it counts, as it does for the dialers. `silent_after`: from then to the end of the contact as paid.
-- Called after `paid` is the price of late posting; called after `known` should be nobody. Times in ms. Parameters: campaign (String).
WITH
    (SELECT any(stop_at_paid_share) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS share,
    told AS (
        SELECT c.contact_id AS contact_id, any(c.debt_minor) AS debt, arraySort(groupArray((p.received_at, p.paid_at, p.amount_minor))) AS payments
        FROM (SELECT contact_id, account_id, currency, debt_minor, loaded_at FROM v_contacts WHERE campaign_id = {campaign:String} AND contact_group = 'called') AS c
        INNER JOIN v_payments AS p ON p.account_id = c.account_id AND p.currency = c.currency
        WHERE p.paid_at >= c.loaded_at OR p.received_at >= c.loaded_at
        GROUP BY c.contact_id
    ),
    settled AS (
        SELECT contact_id, payments[step].1 AS known_at, arrayMax(arrayMap(payment -> payment.2, arraySlice(payments, 1, step))) AS paid_at
        FROM (SELECT contact_id, payments, arrayFirstIndex(sum -> sum > 0 AND sum >= ifNull(share, 0) * debt, arrayCumSum(payment -> payment.3, payments)) AS step FROM told)
        WHERE step > 0
    ),
    calls AS (
        SELECT s.contact_id AS contact_id, countIf(a.started_at > s.paid_at) AS after_paid, countIf(a.started_at > s.known_at) AS after_known
        FROM settled AS s
        INNER JOIN (SELECT contact_id, started_at FROM v_attempts WHERE campaign_id = {campaign:String}) AS a ON a.contact_id = s.contact_id
        GROUP BY s.contact_id
    ),
    ends AS (SELECT contact_id, disposition, closed_at FROM v_dispositions WHERE campaign_id = {campaign:String})
SELECT count() AS paid, countIf(disposition = 'paid' AND silent_ms >= 0) AS silenced, countIf(ended AND silent_ms < 0) AS ended_before, countIf(NOT ended) AS not_ended,
       countIf(after_paid > 0) AS called_after_paid, sum(after_paid) AS calls_after_paid, countIf(after_known > 0) AS called_after_known, sum(after_known) AS calls_after_known,
       quantileExactIf(0.5)(silent_ms, disposition = 'paid' AND silent_ms >= 0) AS silent_after_p50_ms, quantileExactIf(0.95)(silent_ms, disposition = 'paid' AND silent_ms >= 0) AS silent_after_p95_ms,
       maxIf(silent_ms, disposition = 'paid' AND silent_ms >= 0) AS silent_after_max_ms
FROM (
    SELECT s.contact_id AS contact_id, c.after_paid AS after_paid, c.after_known AS after_known, e.disposition AS disposition, e.contact_id != '' AS ended,
           toUnixTimestamp64Milli(e.closed_at) - toUnixTimestamp64Milli(s.known_at) AS silent_ms
    FROM settled AS s
    LEFT JOIN calls AS c ON c.contact_id = s.contact_id
    LEFT JOIN ends AS e ON e.contact_id = s.contact_id
);

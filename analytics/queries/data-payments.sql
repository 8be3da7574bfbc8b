-- What payments came since the campaign's first load, whose are they, and how late were they known? A payment is matched if its account is in
-- the campaign, and unmatched if it is in no campaign at all. Sums are of money in the currency of the campaign's debts (of most, if they are mixed), set against debts in it. Times in ms. Parameters: campaign (String).
WITH
    (SELECT min(loaded_at) FROM v_contacts WHERE campaign_id = {campaign:String}) AS since,
    ours AS (SELECT account_id, any(currency) AS currency FROM v_contacts WHERE campaign_id = {campaign:String} GROUP BY account_id),
    (SELECT currency FROM (SELECT currency, count() AS n FROM v_contacts WHERE campaign_id = {campaign:String} GROUP BY currency ORDER BY n DESC, currency LIMIT 1)) AS main,
    known AS (SELECT DISTINCT account_id FROM v_contacts)
SELECT countIf(o.account_id != '') AS matched, sumIf(p.amount_minor, o.account_id != '' AND o.currency = p.currency AND p.currency = main) AS matched_minor, countIf(o.account_id != '' AND o.currency != p.currency) AS other_currency,
       countIf(NOT p.known) AS unmatched, sumIf(p.amount_minor, NOT p.known AND p.currency = main) AS unmatched_minor,
       countIf(o.account_id != '' AND p.amount_minor < 0) AS reversed, sumIf(p.amount_minor, o.account_id != '' AND o.currency = p.currency AND p.currency = main AND p.amount_minor < 0) AS reversed_minor,
       countIf(o.account_id != '' AND p.posted_at IS NOT NULL) AS with_posting_date,
       quantileExactIf(0.5)(known_after_ms, o.account_id != '') AS known_after_p50_ms, quantileExactIf(0.95)(known_after_ms, o.account_id != '') AS known_after_p95_ms,
       quantileExactIf(0.5)(posted_after_ms, o.account_id != '' AND p.posted_at IS NOT NULL) AS posted_after_p50_ms, quantileExactIf(0.95)(posted_after_ms, o.account_id != '' AND p.posted_at IS NOT NULL) AS posted_after_p95_ms
FROM (
    SELECT account_id, currency, amount_minor, posted_at, toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(paid_at) AS known_after_ms,
           toUnixTimestamp64Milli(assumeNotNull(posted_at)) - toUnixTimestamp64Milli(paid_at) AS posted_after_ms, account_id IN (SELECT account_id FROM known) AS known
    FROM v_payments
    WHERE paid_at >= since
) AS p
LEFT JOIN ours AS o ON o.account_id = p.account_id;

-- What is known of a campaign: its name and currencies, that of most debts first, when calling began, and how far the data reach.
-- Least and largest times, and whether anybody was called, are the same over all copies of a row: no FINAL is needed for them.
-- Parameters: campaign (String).
WITH
    calls AS (SELECT count() AS rows, min(first_started) AS first_started, max(last_ended) AS last_ended FROM contact_progress WHERE campaign_id = {campaign:String}),
    people AS (
        SELECT groupArray(10)(currency) AS currencies, sum(n) AS contacts, max(loaded) AS loaded_at
        FROM (SELECT currency, count() AS n, max(loaded_at) AS loaded FROM v_contacts WHERE campaign_id = {campaign:String} GROUP BY currency ORDER BY n DESC, currency)
    )
SELECT
    (SELECT any(name) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS name,
    (SELECT count() FROM v_campaigns WHERE campaign_id = {campaign:String}) AS defined,
    (SELECT any(currency) FROM v_campaigns WHERE campaign_id = {campaign:String}) AS campaign_currency,
    people.currencies AS currencies,
    people.contacts AS contacts,
    (SELECT count() FROM v_loads WHERE campaign_id = {campaign:String}) AS loads,
    calls.rows > 0 AS any_called,
    (SELECT uniqExact(contact_key) FROM contact_progress WHERE campaign_id = {campaign:String} AND contact_key IN (SELECT contact_key FROM v_contacts WHERE campaign_id = {campaign:String} AND contact_group = 'held_out')) AS held_out_called,
    toUnixTimestamp64Milli(calls.first_started) AS first_call_ms,
    toUnixTimestamp64Milli(people.loaded_at) AS last_load_ms,
    greatest(
        toUnixTimestamp64Milli(calls.last_ended),
        (SELECT toUnixTimestamp64Milli(max(closed_at)) FROM v_dispositions WHERE campaign_id = {campaign:String}),
        toUnixTimestamp64Milli(people.loaded_at),
        (SELECT toUnixTimestamp64Milli(max(received_at)) FROM v_payments)
    ) AS data_until_ms
FROM calls CROSS JOIN people;

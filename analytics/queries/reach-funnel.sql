-- How far did the campaign get? One row: rows of the lists, contacts, and how many contacts reached each step.
-- A contact counts once in a step, however many attempts it took.
-- Parameters: campaign (String).
WITH
    loaded AS (
        SELECT sum(rows) AS rows, sum(arraySum(mapValues(refused))) AS refused, sum(duplicates) AS duplicates
        FROM v_loads
        WHERE campaign_id = {campaign:String}
    ),
    people AS (
        SELECT count() AS contacts, countIf(contact_group = 'held_out') AS held_out, countIf(contact_group = 'called') AS to_call
        FROM v_contacts
        WHERE campaign_id = {campaign:String}
    ),
    stopped AS (
        SELECT count() AS suppressed
        FROM v_dispositions
        WHERE campaign_id = {campaign:String} AND contact_group = 'called' AND attempts = 0
    ),
    -- Those held out who were called all the same are told elsewhere: they are none of those to call. Largest values are the same over all copies of a row, so they are taken here, without FINAL.
    reached AS (
        SELECT count() AS dialled, countIf(bitTest(steps, 0)) AS answered, countIf(bitTest(steps, 1)) AS human, countIf(bitTest(steps, 2)) AS heard, countIf(bitTest(steps, 3)) AS promised
        FROM (SELECT contact_key, groupBitOr(answered + 2 * human + 4 * heard + 8 * (promise > 0)) AS steps FROM contact_progress
              WHERE campaign_id = {campaign:String} AND contact_key NOT IN (SELECT contact_key FROM v_contacts WHERE campaign_id = {campaign:String} AND contact_group = 'held_out')
              GROUP BY contact_key)
    ),
    calls AS (
        SELECT sum(attempts) AS attempts
        FROM v_hour_figures
        WHERE campaign_id = {campaign:String}
    ),
    paid AS (
        SELECT countIf(contact_group = 'called' AND amount > 0) AS paid_called, countIf(contact_group = 'held_out' AND amount > 0) AS paid_held_out
        FROM (
            SELECT any(c.contact_group) AS contact_group, sum(p.amount_minor) AS amount
            FROM (SELECT contact_key, account_key, contact_group, loaded_at FROM v_contacts WHERE campaign_id = {campaign:String}) AS c
            INNER JOIN (SELECT account_key, paid_at, amount_minor FROM v_payments) AS p ON p.account_key = c.account_key
            WHERE p.paid_at >= c.loaded_at
            GROUP BY c.contact_key
        )
    )
SELECT * FROM loaded CROSS JOIN people CROSS JOIN stopped CROSS JOIN reached CROSS JOIN calls CROSS JOIN paid;

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
    reached AS (
        SELECT count() AS dialled, countIf(answered = 1) AS answered, countIf(human = 1) AS human, countIf(heard = 1) AS heard, countIf(promised) AS promised
        FROM v_contact_progress
        WHERE campaign_id = {campaign:String}
    ),
    calls AS (
        SELECT sum(attempts) AS attempts
        FROM v_hour_figures
        WHERE campaign_id = {campaign:String}
    ),
    -- Matched by 64 bits of the names: numbers are matched three times as fast as texts.
    money AS (
        SELECT sipHash64(account_id, currency) AS account, groupArray((paid_at, amount_minor)) AS payments
        FROM v_payments
        GROUP BY account
    ),
    paid AS (
        SELECT countIf(contact_group = 'called' AND amount > 0) AS paid_called, countIf(contact_group = 'held_out' AND amount > 0) AS paid_held_out
        FROM (
            SELECT c.contact_group AS contact_group, arraySum(p -> if(p.1 >= c.loaded_at, p.2, 0), m.payments) AS amount
            FROM (SELECT sipHash64(account_id, currency) AS account, contact_group, loaded_at FROM v_contacts WHERE campaign_id = {campaign:String}) AS c
            INNER JOIN money AS m ON m.account = c.account
        )
    )
SELECT * FROM loaded CROSS JOIN people CROSS JOIN stopped CROSS JOIN reached CROSS JOIN calls CROSS JOIN paid;

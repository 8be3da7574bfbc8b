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
    paid AS (
        SELECT countIf(contact_group = 'called') AS paid_called, countIf(contact_group = 'held_out') AS paid_held_out
        FROM (
            SELECT c.contact_id AS contact_id, any(c.contact_group) AS contact_group, sum(p.amount_minor) AS amount
            FROM (SELECT contact_id, account_id, contact_group, currency, loaded_at FROM v_contacts WHERE campaign_id = {campaign:String}) AS c
            INNER JOIN v_payments AS p ON p.account_id = c.account_id AND p.currency = c.currency
            WHERE p.paid_at >= c.loaded_at
            GROUP BY c.contact_id
            HAVING amount > 0
        )
    )
SELECT * FROM loaded CROSS JOIN people CROSS JOIN stopped CROSS JOIN reached CROSS JOIN calls CROSS JOIN paid;

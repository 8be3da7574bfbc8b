-- What tells whether the groups can be compared: their sizes, what was known of them before the first call, and people of one cluster
-- (the same first phone) who are in both, and what the campaign tried. `planned`: the sum over contacts of the share that was to be held out when each was loaded.
-- `_squares` are sums of squares. Parameters: campaign (String).
WITH (SELECT arraySort(groupArray((defined_at, hold_out_share))) FROM v_campaign_versions WHERE campaign_id = {campaign:String}) AS versions
SELECT contact_group, sum(if(length(versions) < 2, versions[1].2, versions[greatest(1, arrayCount(version -> version.1 <= loaded_at, versions))].2)) AS planned, count() AS contacts,
       sum(toFloat64(debt_minor)) AS debt, sum(toFloat64(debt_minor) * toFloat64(debt_minor)) AS debt_squares,
       sum(toFloat64(phones) * toFloat64(phones)) AS phones_squares, sum(toFloat64(phones)) AS phones_sum,
       sum(toFloat64(priority) * toFloat64(priority)) AS priority_squares, sum(toFloat64(priority)) AS priority_sum,
       toFloat64(countIf(language = 'uk')) AS uk, toFloat64(countIf(language = 'ru')) AS ru, toFloat64(countIf(language = 'en')) AS en,
       toFloat64(countIf(due_date IS NOT NULL)) AS dated,
       countIf(cluster = '') AS drawn_alone,
       arraySort(groupUniqArray(20)(attempts_allowed)) AS attempts_tried, arraySort(groupUniqArray(20)(first_hour)) AS hours_tried, arraySort(groupUniqArray(20)(message_version)) AS messages_tried,
       countIf(cityHash64(phone_hash) IN (
           SELECT cityHash64(phone_hash) AS phone
           FROM v_contacts
           WHERE campaign_id = {campaign:String} AND contact_group = 'called' AND phone IN (SELECT cityHash64(phone_hash) FROM v_contacts WHERE campaign_id = {campaign:String} AND contact_group = 'held_out'))) AS in_mixed_clusters
FROM v_contacts
WHERE campaign_id = {campaign:String} AND held_out_before = ''
GROUP BY contact_group;

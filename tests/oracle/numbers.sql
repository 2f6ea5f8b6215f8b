-- Every number of every instant: name, label values, number. Counts of nothing are left out.

CREATE TABLE windowed AS
    SELECT 'support_cases_opened' AS name, created // 60000 AS minute, [label(channel, 'channel'), label(origin, 'origin')] AS labels
    FROM case_now
    UNION ALL SELECT 'support_cases_opened_by_issue', created // 60000, [label(issue_type, 'issue')] FROM case_now
    UNION ALL
    SELECT 'support_cases_opened_by_access', created // 60000, [label(access_point, 'access'), label(device_class, 'device_class')]
    FROM case_now
    UNION ALL SELECT 'support_cases_opened_by_product', created // 60000, [label(product, 'product')] FROM case_now
    UNION ALL SELECT 'support_cases_opened_by_region', created // 60000, [label(region, 'region')] FROM case_now
    UNION ALL
    SELECT 'support_cases_opened_by_priority', created // 60000, [label(channel, 'channel'), label(priority, 'priority')]
    FROM case_now
    UNION ALL
    SELECT 'support_cases_opened_complete', created // 60000,
        [label(channel, 'channel'), CASE WHEN complete THEN 'yes' WHEN NOT complete THEN 'no' ELSE 'unknown' END]
    FROM case_now
    UNION ALL SELECT 'support_interactions', at_ms // 60000, [channel, direction] FROM interaction
    UNION ALL SELECT 'support_cases_solved', at_ms // 60000, [contact, channel] FROM solved
    UNION ALL
    SELECT 'support_cases_solved_escalated', at_ms // 60000, [went_to, contact] FROM solved JOIN handed_on USING (account, thing)
    UNION ALL
    SELECT 'support_cases_solved_collaborated', at_ms // 60000, [contact] FROM solved
    SEMI JOIN (SELECT * FROM step WHERE kind = 'collaborated') USING (account, thing)
    UNION ALL SELECT 'support_cases_solved_touches', at_ms // 60000, [touches] FROM solved
    UNION ALL
    SELECT 'support_cases_closed_unsolved', closed // 60000, [] FROM case_now WHERE closed IS NOT NULL AND NOT ever_solved
    UNION ALL SELECT 'support_cases_reopened', at_ms // 60000, [] FROM moved_back
    UNION ALL SELECT 'support_surveys_sent', at_ms // 60000, [survey] FROM sending
    UNION ALL SELECT 'support_survey_responses', at_ms // 60000, [survey, aspect, answer] FROM answer;

CREATE TABLE lasted AS
    SELECT 'support_case_resolution_seconds' AS name, at_ms // 60000 AS minute, [kind, 'elapsed', priority] AS labels, elapsed AS ms
    FROM resolution
    UNION ALL SELECT 'support_case_resolution_seconds', at_ms // 60000, [kind, 'net', priority], net FROM resolution
    UNION ALL
    SELECT 'support_case_resolution_by_channel_seconds', at_ms // 60000, [channel], elapsed FROM resolution WHERE kind = 'full'
    UNION ALL SELECT 'support_case_first_response_by_channel_seconds', replied // 60000, [label(channel, 'channel')],
        greatest(replied - created, 0)
    FROM case_now WHERE replied IS NOT NULL AND side = 'customer'
    UNION ALL SELECT 'support_case_first_response_seconds', replied // 60000, ['elapsed', label(priority, 'priority')],
        greatest(replied - created, 0)
    FROM case_now WHERE replied IS NOT NULL AND side = 'customer';

CREATE TABLE joined AS
    SELECT instant, 'support_cases_open_silent_device' AS name, [label(priority, 'priority')] AS labels, count(*)::DOUBLE AS value
    FROM case_now, instant
    WHERE open AND EXISTS (SELECT 1 FROM fleet WHERE fleet.account = case_now.account AND now - seen >= silent)
    GROUP BY ALL;

-- Observations of histograms at each instant, in ms.
CREATE TABLE observed AS
    SELECT instant, name, list_concat([length.label], labels) AS labels, ms FROM lasted, instant, length
    WHERE minute > now - minutes AND minute <= now
    UNION ALL
    SELECT instant, 'support_cases_open_age_seconds', [label(priority, 'priority')], (now - created // 60000) * 60000
    FROM case_now, instant WHERE open AND created // 60000 <= now
    UNION ALL
    SELECT instant, 'support_cases_awaiting_reply_age_seconds', [label(priority, 'priority')], (now - awaiting // 60000) * 60000
    FROM case_now, instant WHERE open AND awaiting // 60000 <= now
    UNION ALL
    SELECT instant, 'support_cases_next_step_due_age_seconds', [priority], (now - since) * 60000
    FROM next_step, instant WHERE since <= now;

CREATE TABLE number AS
    SELECT instant, name, list_concat([length.label], labels) AS labels, count(*)::DOUBLE AS value FROM windowed, instant, length
    WHERE minute > now - minutes AND minute <= now GROUP BY ALL
    UNION ALL
    SELECT instant, name || '_bucket', list_concat(labels, [CASE WHEN isinf(le) THEN '+Inf' ELSE le::VARCHAR END]), count(*)
    FROM observed, bound WHERE ms / 1000 <= le GROUP BY ALL
    UNION ALL SELECT instant, name || '_gcount', labels, count(*) FROM observed GROUP BY ALL
    UNION ALL SELECT instant, name || '_gsum', labels, sum(ms) / 1000 FROM observed GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_open', [label(priority, 'priority'), state, label(tier, 'tier')], count(*)
    FROM case_now JOIN open_state USING (account, thing), instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_open_oldest_seconds', [label(priority, 'priority')], max(now - created // 60000) * 60
    FROM case_now, instant WHERE open AND created // 60000 <= now GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_open_by_team', [label(team, 'team'), label(priority, 'priority')], count(*)
    FROM case_now, instant WHERE open GROUP BY ALL
    UNION ALL SELECT instant, 'support_cases_unassigned', [], count(*) FROM case_now, instant WHERE open AND NOT assigned GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_awaiting_reply', [label(priority, 'priority')], count(*)
    FROM case_now, instant WHERE open AND awaiting IS NOT NULL GROUP BY ALL
    UNION ALL SELECT instant, 'support_cases_next_step_due', [priority], count(*) FROM next_step, instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_stuck', [priority], count(*) FROM next_step, instant, fleet_rule
    WHERE since + stuck <= now GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_devices',
        [product, CASE WHEN now - seen < late THEN 'fresh' WHEN now - seen < silent THEN 'late' ELSE 'silent' END], count(*)
    FROM fleet, instant GROUP BY ALL
    UNION ALL SELECT instant, 'support_devices', [product, 'retired'], count(*) FROM device, instant WHERE retired GROUP BY ALL
    UNION ALL SELECT instant, 'support_device_faults_active', [product, severity], count(*) FROM fault, instant GROUP BY ALL
    UNION ALL SELECT * FROM joined
    UNION ALL
    SELECT instant, 'stream_app_rows_incomplete', [topic], count(*) FROM present, instant
    WHERE (topic = 'cases' AND (account, thing) NOT IN (SELECT (account, thing) FROM case_now))
        OR (topic = 'callhome' AND (account, thing) NOT IN (SELECT (account, thing) FROM device))
    GROUP BY ALL;

-- Call-home. `device`: every registered device that is present; `fleet`: those in service; `spell`: every fault of a
-- device, from its raising to its end; `outage`: every outage.

CREATE TABLE seen AS
    SELECT account, thing, max(at_ms) AS seen FROM fact
    WHERE topic = 'callhome' AND kind NOT IN ('outage_began', 'decommissioned', 'deleted', 'transferred_out')
    GROUP BY ALL;

-- The latest word on where a device is installed: its product, and how often it sends.
CREATE TABLE installed AS
    SELECT account, thing, max(n) AS n, max_by(product, n) AS product, max_by(minutes, n) AS minutes FROM (
        SELECT account, thing, n, product, coalesce(heartbeat_minutes, 0) AS minutes FROM tail
        WHERE topic = 'callhome' AND kind = 'registered'
        UNION ALL SELECT account, thing, n, product, coalesce(heartbeat_minutes, 0) FROM base WHERE topic = 'callhome'
    ) GROUP BY ALL;

-- A snapshot of a device out of service is a report about it, not a sign of life after its end; a registration is its
-- beginning again.
CREATE TABLE ended AS
    SELECT account, thing, max_by(at_ms, said.n) AS ended FROM (
        SELECT account, thing, n, at_ms FROM tail WHERE topic = 'callhome' AND kind = 'decommissioned'
        UNION ALL SELECT account, thing, n, at_ms FROM base WHERE topic = 'callhome' AND coalesce(decommissioned_at, 0) <> 0
    ) AS said JOIN installed USING (account, thing) WHERE said.n >= installed.n GROUP BY ALL;

CREATE TABLE running AS
    SELECT account, thing, max_by(software, n) AS software FROM (
        SELECT account, thing, n, coalesce(software, '') AS software FROM tail
        WHERE topic = 'callhome' AND (kind = 'software_version' OR kind = 'registered' AND coalesce(software, '') <> '')
        UNION ALL SELECT account, thing, n, coalesce(software, '') FROM base WHERE topic = 'callhome'
    ) GROUP BY ALL;

CREATE TABLE device AS
    SELECT account, thing, label(product, 'product') AS product, minutes, seen // 60000 AS seen,
        coalesce(nullif(software, ''), 'unknown') AS software, coalesce(seen <= ended + grace, false) AS retired
    FROM installed JOIN seen USING (account, thing) LEFT JOIN ended USING (account, thing)
    LEFT JOIN running USING (account, thing)
    SEMI JOIN (SELECT * FROM present WHERE topic = 'callhome') USING (account, thing), fleet_rule;

CREATE TABLE fleet AS
    SELECT device.*, late * expected AS late, silent * expected AS silent
    FROM (SELECT device.*, coalesce(nullif(device.minutes, 0), beat.minutes, usual) AS expected
        FROM device LEFT JOIN beat USING (product), fleet_rule) AS device, fleet_rule WHERE NOT retired;

-- What was said of each fault. Between two ends it is one fault, however often it was raised.
CREATE TABLE spell AS
    WITH said AS (
        SELECT account, thing, n, code, kind = 'fault_raised' AS raises, coalesce(severity, '') AS severity, at_ms, at_ms AS raised,
            kind = 'self_healed' AS healed
        FROM tail WHERE topic = 'callhome' AND kind IN ('fault_raised', 'fault_cleared', 'self_healed')
        UNION ALL
        SELECT account, thing, n, f.code, true, f.severity, at_ms,
            coalesce((SELECT max(until(h.raised_at, at_ms)) FROM (SELECT unnest(history) AS h)
                WHERE h.code = f.code AND coalesce(h.cleared_at, 0) = 0), 0), false
        FROM (SELECT account, thing, n, at_ms, history, unnest(faults) AS f FROM base WHERE topic = 'callhome')
    ), numbered AS (
        SELECT *, count(*) FILTER (NOT raises) OVER (
            PARTITION BY account, thing, code ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends FROM said
    ), every AS (
        SELECT account, thing, code, max_by(severity, n) FILTER (raises) AS severity, min_by(raised, n) FILTER (raises) AS raised,
            max(at_ms) FILTER (NOT raises) AS cleared, bool_or(healed) AS healed
        FROM numbered GROUP BY account, thing, code, ends HAVING bool_or(raises)
        UNION ALL
        SELECT account, thing, h.code, coalesce(h.severity, ''), coalesce(until(h.raised_at, at_ms), 0),
            until(h.cleared_at, at_ms), coalesce(h.self_healed, false)
        FROM (SELECT account, thing, at_ms, unnest(history) AS h FROM base WHERE topic = 'callhome')
        WHERE coalesce(h.cleared_at, 0) <> 0
    )
    SELECT every.* REPLACE (label(severity, 'severity') AS severity), product FROM every JOIN device USING (account, thing);

-- Outages that a snapshot tells of, those that overlap as one; what follows it as above.
CREATE TABLE outage AS
    WITH told AS (
        SELECT account, thing, n, until(o.began_at, at_ms) AS began,
            CASE WHEN coalesce(o.ended_at, 0) = 0 THEN 4e18::BIGINT ELSE greatest(until(o.ended_at, at_ms), began) END AS over
        FROM (SELECT account, thing, n, at_ms, unnest(outages) AS o FROM base WHERE topic = 'callhome') WHERE o.began_at <> 0
    ), apart AS (
        SELECT *, began > coalesce(max(over) OVER (PARTITION BY account, thing ORDER BY began, over
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS begins FROM told
    ), one AS (
        SELECT account, thing, n, min(began) AS began, max(over) AS over FROM (
            SELECT *, count(*) FILTER (begins) OVER (PARTITION BY account, thing ORDER BY began, over) AS number FROM apart
        ) GROUP BY account, thing, n, number
    ), said AS (
        SELECT account, thing, n, kind = 'outage_began' AS begins, at_ms FROM tail
        WHERE topic = 'callhome' AND kind IN ('outage_began', 'outage_ended')
        UNION ALL SELECT account, thing, n, true, began FROM one WHERE over = 4e18::BIGINT
    ), numbered AS (
        SELECT *, count(*) FILTER (NOT begins) OVER (
            PARTITION BY account, thing ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends FROM said
    ), every AS (
        SELECT account, thing, min_by(at_ms, n) FILTER (begins) AS began, max(at_ms) FILTER (NOT begins) AS over
        FROM numbered GROUP BY account, thing, ends HAVING bool_or(begins)
        UNION ALL SELECT account, thing, began, over FROM one WHERE over < 4e18::BIGINT
    )
    SELECT account, thing, product, began, over, began // 60000 AS first, coalesce(over // 60000, 4e18::BIGINT) AS last
    FROM every JOIN fleet USING (account, thing);

-- Cases about a device, whether or not anybody has heard of it.
CREATE TABLE case_about AS
    SELECT account, thing AS "case", c.created, c.origin, c.product, c.open, device AS thing, coalesce(signal, '') AS signal FROM (
        SELECT account, thing, device, signal FROM base WHERE topic = 'cases'
        UNION ALL SELECT tail.account, tail.thing, device, signal FROM tail
        JOIN creation ON creation.account = tail.account AND creation.thing = tail.thing AND creation.n = tail.n
        WHERE topic = 'cases'
    ) JOIN case_now AS c USING (account, thing) WHERE coalesce(device, '') <> '';

CREATE TABLE before_case AS
    SELECT a.account, a."case", a.created, label(a.product, 'product') AS product, min(raised) AS raised
    FROM case_about AS a LEFT JOIN (SELECT spell.*, signal AS days FROM spell, fleet_rule) AS s
        ON s.account = a.account AND s.thing = a.thing AND raised > 0 AND raised BETWEEN a.created - days AND a.created
    WHERE origin = 'reactive' GROUP BY ALL;

-- The numbers that a version begins with, without zeros at its end.
CREATE MACRO release_numbers(version) AS
    CASE WHEN regexp_matches(version, '^\d') THEN list_transform(string_split(
        regexp_replace(regexp_extract(version, '^\d+(\.\d+)*'), '(\.0+)+$', ''), '.'), lambda part: part::BIGINT) END;

INSERT INTO windowed
    SELECT 'support_device_faults', raised // 60000, [product, severity, 'raised'] FROM spell WHERE raised > 0
    UNION ALL SELECT 'support_device_faults', cleared // 60000, [product, severity, 'cleared'] FROM spell WHERE cleared IS NOT NULL
    UNION ALL
    SELECT 'support_device_faults_ended', cleared // 60000, [product, CASE WHEN raised = 0 THEN 'unknown'
        WHEN EXISTS (SELECT 1 FROM case_about AS a WHERE a.account = s.account AND a.thing = s.thing
            AND a.created BETWEEN s.raised AND s.cleared AND a.signal IN ('', s.code)) THEN 'case'
        WHEN healed THEN 'self_healed' ELSE 'cleared' END]
    FROM spell AS s WHERE cleared IS NOT NULL
    UNION ALL
    SELECT 'support_cases_reactive_device', created // 60000, [product, CASE WHEN raised IS NULL THEN 'none' ELSE 'missed' END]
    FROM before_case;

INSERT INTO lasted
    SELECT 'support_case_missed_signal_lead_seconds', created // 60000, [], created - raised FROM before_case
    WHERE raised IS NOT NULL;

INSERT INTO standing
    SELECT instant, 'support_devices',
        [product, CASE WHEN now - seen < late THEN 'fresh' WHEN now - seen < silent THEN 'late' ELSE 'silent' END], count(*)
    FROM fleet, instant GROUP BY ALL
    UNION ALL SELECT instant, 'support_devices', [product, 'retired'], count(*) FROM device, instant WHERE retired GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_device_faults_active', [spell.product, severity], count(*)
    FROM spell SEMI JOIN fleet USING (account, thing), instant WHERE cleared IS NULL GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_device_fault_causes', [product, substr(md5(code), 1, 1)], count(DISTINCT (account, thing))
    FROM spell, instant, fleet_rule WHERE raised > 0 AND raised // 60000 BETWEEN now - storm + 1 AND now GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_devices_in_outage', [product], count(*) FROM outage, instant WHERE over IS NULL GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_device_outage_seconds', [length.label, product],
        sum(greatest(least(coalesce(over, 4e18::BIGINT), (now + 1) * 60000) - greatest(began, (now + 1 - minutes) * 60000), 0)) / 1000
    FROM outage, instant, length GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_devices_with_outage', [length.label, product], count(DISTINCT (account, thing))
    FROM outage, instant, length WHERE first <= now AND last > now - minutes GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_customers_with_outage', [length.label], count(DISTINCT account)
    FROM outage, instant, length WHERE first <= now AND last > now - minutes GROUP BY ALL
    UNION ALL SELECT instant, 'support_customers_with_devices', [], count(DISTINCT account) FROM fleet, instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_devices_by_version', [product, software], count(*) FROM fleet, instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_devices_by_release', [product, CASE WHEN release_numbers(software) < release_numbers(current) THEN 'behind'
        WHEN release_numbers(software) > release_numbers(current) THEN 'ahead' WHEN release_numbers(software) = release_numbers(current) THEN 'current'
        ELSE 'unknown' END], count(*)
    FROM fleet LEFT JOIN current USING (product), instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_proactive_candidates', [product, reason], count(*) FROM (
        SELECT instant, product, CASE
            WHEN EXISTS (SELECT 1 FROM spell AS s WHERE s.account = f.account AND s.thing = f.thing AND cleared IS NULL
                AND severity = 'critical') THEN 'critical_fault'
            WHEN EXISTS (SELECT 1 FROM spell AS s WHERE s.account = f.account AND s.thing = f.thing AND cleared IS NULL
                AND severity = 'major') THEN 'major_fault'
            WHEN now - seen >= silent THEN 'silent' END AS reason
        FROM fleet AS f ANTI JOIN (SELECT * FROM case_about WHERE open) USING (account, thing), instant
    ) WHERE reason IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT instant, 'stream_app_rows_incomplete', [topic], count(*) FROM present, instant
    WHERE topic = 'callhome' AND (account, thing) NOT IN (SELECT (account, thing) FROM device) GROUP BY ALL;

-- Call-home. `device`: every registered device that is present; `fault`: the active faults of those in service.

CREATE TABLE seen AS
    SELECT account, thing, max(at_ms) AS seen FROM fact
    WHERE topic = 'callhome' AND kind IN ('registered', 'heartbeat', 'fault_raised', 'fault_cleared', 'snapshot')
    GROUP BY ALL;

-- A snapshot of a device out of service is a report about it, not a sign of life after its end.
CREATE TABLE ended AS
    SELECT account, thing, max_by(at_ms, n) AS ended FROM (
        SELECT account, thing, n, at_ms FROM tail WHERE topic = 'callhome' AND kind = 'decommissioned'
        UNION ALL SELECT account, thing, n, at_ms FROM base WHERE topic = 'callhome' AND coalesce(decommissioned_at, 0) <> 0
    ) GROUP BY ALL;

CREATE TABLE device AS
    WITH named AS (
        SELECT account, thing, max_by(product, n) AS product FROM (
            SELECT account, thing, n, product FROM tail WHERE topic = 'callhome' AND kind = 'registered'
            UNION ALL SELECT account, thing, n, product FROM base WHERE topic = 'callhome'
        ) GROUP BY ALL
    )
    SELECT account, thing, label(product, 'product') AS product, seen // 60000 AS seen,
        coalesce(ended >= seen, false) AS retired
    FROM named JOIN seen USING (account, thing) LEFT JOIN ended USING (account, thing)
    SEMI JOIN (SELECT * FROM present WHERE topic = 'callhome') USING (account, thing);

CREATE TABLE fleet AS
    SELECT device.*, late * coalesce(minutes, usual) AS late, silent * coalesce(minutes, usual) AS silent
    FROM device LEFT JOIN beat USING (product), fleet_rule WHERE NOT retired;

CREATE TABLE fault AS
    WITH said AS (
        SELECT account, thing, n, code, kind, severity FROM tail
        WHERE topic = 'callhome' AND kind IN ('fault_raised', 'fault_cleared')
        UNION ALL
        SELECT account, thing, n, f.code, 'fault_raised', f.severity
        FROM (SELECT account, thing, n, unnest(faults) AS f FROM base WHERE topic = 'callhome')
    ), latest AS (SELECT * FROM said QUALIFY n = max(n) OVER (PARTITION BY account, thing, code))
    SELECT product, label(severity, 'severity') AS severity FROM latest JOIN fleet USING (account, thing)
    WHERE kind = 'fault_raised';

INSERT INTO standing
    SELECT instant, 'support_devices',
        [product, CASE WHEN now - seen < late THEN 'fresh' WHEN now - seen < silent THEN 'late' ELSE 'silent' END], count(*)
    FROM fleet, instant GROUP BY ALL
    UNION ALL SELECT instant, 'support_devices', [product, 'retired'], count(*) FROM device, instant WHERE retired GROUP BY ALL
    UNION ALL SELECT instant, 'support_device_faults_active', [product, severity], count(*) FROM fault, instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'stream_app_rows_incomplete', [topic], count(*) FROM present, instant
    WHERE topic = 'callhome' AND (account, thing) NOT IN (SELECT (account, thing) FROM device) GROUP BY ALL;

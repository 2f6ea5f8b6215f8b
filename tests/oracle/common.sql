-- What every topic shares: closed sets, windows, bounds, and the events in their order.

CREATE TABLE priority AS SELECT unnest(['p1', 'p2', 'p3', 'p4']) AS priority;
CREATE TABLE channel AS SELECT unnest(['phone', 'web', 'email', 'chat', 'community', 'in_product', 'social', 'api']) AS channel;
CREATE TABLE origin AS SELECT unnest(['reactive', 'proactive']) AS origin;
CREATE TABLE issue AS SELECT unnest(['how_to', 'bug_performance', 'install_config_setup']) AS issue;
CREATE TABLE access AS SELECT unnest(['in_product', 'web_site', 'phone', 'mobile_app']) AS access;
CREATE TABLE device_class AS SELECT unnest(['desktop', 'mobile']) AS device_class;
CREATE TABLE escalated_to AS
    SELECT unnest(['person', 'tier', 'team', 'department', 'engineering', 'vendor']) AS escalated_to;
CREATE TABLE collaborator AS SELECT unnest(['person', 'team', 'vendor']) AS collaborator;
CREATE TABLE attempt AS SELECT unnest(['queued', 'connected', 'abandoned', 'cut_off']) AS attempt;
CREATE TABLE automatic AS
    SELECT unnest(['acknowledged', 'routed', 'solution_suggested', 'bot_answered', 'bot_handed_over', 'auto_closed',
        'close_notice', 'survey_sent']) AS automatic;
CREATE TABLE came_to AS SELECT unnest(['done', 'failed', 'accepted', 'declined', 'reassigned']) AS came_to;
CREATE TABLE severity AS SELECT unnest(['critical', 'major', 'minor', 'info']) AS severity;
CREATE TABLE aspect AS SELECT unnest(['overall', 'response_time', 'solution', 'staff', 'effort', 'product']) AS aspect;
CREATE TABLE length AS SELECT * FROM (VALUES ('15m', 15), ('1h', 60), ('24h', 1440), ('7d', 10080), ('30d', 43200)) AS t(label, minutes);
CREATE TABLE bound AS
    SELECT unnest([300, 900, 3600, 7200, 14400, 28800, 86400, 172800, 259200, 604800, 1209600, 2592000, 7776000]::DOUBLE[]) AS le
    UNION ALL SELECT 'inf'::DOUBLE;
CREATE TABLE count_bound AS
    SELECT unnest([0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30]::DOUBLE[]) AS le UNION ALL SELECT 'inf'::DOUBLE;

-- A label value: absent is unknown, outside the closed set is other.
CREATE MACRO label(value, allowed) AS
    CASE WHEN value IN (SELECT * FROM query_table(allowed)) THEN value
         WHEN coalesce(value, '') IN ('', 'unknown') THEN 'unknown' ELSE 'other' END;

-- A time a snapshot names: 0 or none when it has not happened, and nothing in a snapshot is later than itself.
CREATE MACRO until(value, at_ms) AS CASE WHEN value <> 0 THEN least(value, at_ms) END;

-- Published again with the same id: the first counts. A case merged into itself is no event in any order.
CREATE TABLE fact AS
    SELECT *, row_number() OVER (PARTITION BY topic, account, thing ORDER BY at_ms, coalesce(sequence, 0), record_offset) AS n
    FROM (
        SELECT * FROM event WHERE NOT (kind = 'merged' AND "into" = thing)
        QUALIFY row_number() OVER (PARTITION BY topic, account, thing, event_id ORDER BY record_offset) = 1
    );

-- A snapshot replaces what earlier events say: only the last one and what follows it matter.
CREATE TABLE base AS
    SELECT * FROM fact WHERE kind = 'snapshot'
    QUALIFY n = max(n) OVER (PARTITION BY topic, account, thing);

CREATE TABLE tail AS
    SELECT fact.* FROM fact LEFT JOIN base USING (topic, account, thing) WHERE fact.n > coalesce(base.n, 0);

-- Things that were not deleted and did not leave since their last snapshot.
CREATE TABLE present AS
    SELECT DISTINCT topic, account, thing FROM fact
    ANTI JOIN (SELECT * FROM tail WHERE kind IN ('deleted', 'transferred_out')) USING (topic, account, thing);

-- What the files of the topics fill: counts by minute, lengths of time by minute, what began in a minute and lasts, and
-- what is so at an instant.
CREATE TABLE windowed (name VARCHAR, minute BIGINT, labels VARCHAR[]);
CREATE TABLE lasted (name VARCHAR, minute BIGINT, labels VARCHAR[], ms BIGINT);
CREATE TABLE counted (name VARCHAR, minute BIGINT, labels VARCHAR[], many BIGINT);
CREATE TABLE aged (name VARCHAR, since BIGINT, labels VARCHAR[]);
CREATE TABLE standing (instant BIGINT, name VARCHAR, labels VARCHAR[], value DOUBLE);

-- What was recorded of cases, attempts to reach support, and what machines did. Built on the tables of cases and of work.

CREATE TABLE attempted AS
    SELECT f.account, f.thing, f.at_ms, f.outcome, f.wait_ms, label(coalesce(nullif(f.channel, ''), c.channel), 'channel') AS channel
    FROM (SELECT * FROM fact WHERE topic = 'cases' AND kind = 'contact_attempt') AS f
    LEFT JOIN case_now AS c USING (account, thing)
    WHERE c.created IS NOT NULL OR (account, thing) NOT IN (
        SELECT (account, thing) FROM fact WHERE topic = 'cases' AND kind <> 'contact_attempt');

-- Asking for information is a new round unless the last thing told of the two is asking.
CREATE TABLE asked AS
    WITH turn AS (
        SELECT account, thing, n, true AS asks FROM open_event WHERE kind = 'information_asked'
        UNION ALL SELECT account, thing, n, false FROM tail WHERE topic = 'cases' AND kind = 'replied' AND "by" = 'customer'
            AND coalesce("public", true) AND NOT coalesce(automatic, false)
    ), after AS (SELECT *, lag(asks) OVER (PARTITION BY account, thing ORDER BY n) AS asked_before FROM turn)
    SELECT account, thing, count(*) AS rounds FROM after WHERE asks AND NOT coalesce(asked_before, false) GROUP BY ALL;

-- What solves and closes say of the record: of each stretch the first of either kind means something.
CREATE TABLE record_said AS
    SELECT account, thing, n, recorded FROM moving JOIN (
        SELECT account, thing, solved_n AS n FROM stretch UNION SELECT account, thing, closed_n FROM stretch
    ) USING (account, thing, n)
    WHERE kind IN ('solved', 'closed') AND recorded IS NOT NULL
    UNION ALL SELECT account, thing, n, recorded FROM base WHERE topic = 'cases' AND recorded IS NOT NULL;

CREATE TABLE link AS
    SELECT account, thing, n, what, target, coalesce(action, 'linked') AS action FROM moving WHERE kind = 'linked'
    UNION ALL
    SELECT account, thing, n, 'topic', known_topic, CASE WHEN topic_made THEN 'made' ELSE 'linked' END
    FROM base WHERE topic = 'cases' AND coalesce(known_topic, '') <> ''
    UNION ALL SELECT account, thing, n, 'bug', bug, 'linked' FROM base WHERE topic = 'cases' AND coalesce(bug, '') <> ''
    UNION ALL
    SELECT account, thing, n, 'article', '', knowledge FROM base WHERE topic = 'cases' AND coalesce(knowledge, '') <> '';

INSERT INTO windowed
    SELECT 'support_contact_attempts', at_ms // 60000, [channel, label(outcome, 'attempt')] FROM attempted
    UNION ALL
    SELECT 'support_cases_solved_recorded', at_ms // 60000, [CASE WHEN max_by(recorded, n) THEN 'yes' ELSE 'no' END]
    FROM record_said JOIN solved USING (account, thing) GROUP BY account, thing, at_ms
    UNION ALL
    SELECT 'support_cases_solved_known', at_ms // 60000, [CASE WHEN max_by(action, n) = 'made' THEN 'no' ELSE 'yes' END]
    FROM link JOIN solved USING (account, thing) WHERE what = 'topic' GROUP BY account, thing, at_ms
    UNION ALL
    SELECT 'support_cases_solved_knowledge', at_ms // 60000, [
        CASE WHEN bool_or(action = 'made') THEN 'made' WHEN bool_or(action = 'changed') THEN 'changed' ELSE 'linked' END]
    FROM link JOIN solved USING (account, thing) WHERE what = 'article' GROUP BY account, thing, at_ms
    UNION ALL
    SELECT 'support_bug_cases', created // 60000, []
    FROM case_now SEMI JOIN (SELECT * FROM link WHERE what = 'bug') USING (account, thing)
    UNION ALL
    SELECT 'support_bug_cases_top', created // 60000, [max_by(target, link.n)]
    FROM case_now JOIN link USING (account, thing) WHERE what = 'bug' GROUP BY account, thing, created
    UNION ALL
    SELECT 'support_known_topic_cases_top', at_ms // 60000, [max_by(target, n)]
    FROM link JOIN solved USING (account, thing) WHERE what = 'topic' GROUP BY account, thing, at_ms
    UNION ALL
    SELECT 'support_case_automation', f.at_ms // 60000, [label(f.step, 'automatic'),
        CASE WHEN f.step = 'routed' AND (account, thing) IN (SELECT (account, thing) FROM moved_on) THEN 'reassigned'
            ELSE label(f.outcome, 'came_to') END]
    FROM fact AS f SEMI JOIN case_now USING (account, thing) WHERE f.topic = 'cases' AND f.kind = 'automation';

INSERT INTO lasted
    SELECT 'support_contact_wait_seconds', at_ms // 60000, [channel], wait_ms FROM attempted WHERE wait_ms IS NOT NULL;

INSERT INTO counted
    SELECT 'support_case_customer_interactions', c.solved // 60000, [],
        count(*) FILTER (s.side = 'customer' AND (s.n < solved_n OR s.n = solved_n AND (s.turn = 0 OR s.at_ms <= solved)))
    FROM case_now AS c JOIN spoken AS s USING (account, thing) WHERE c.solved IS NOT NULL GROUP BY account, thing, c.solved
    UNION ALL
    SELECT 'support_case_information_rounds', at_ms // 60000, [], coalesce(information_rounds, 0) + coalesce(asked.rounds, 0) AS many
    FROM solved LEFT JOIN (SELECT account, thing, information_rounds FROM base WHERE topic = 'cases') USING (account, thing)
    LEFT JOIN asked USING (account, thing) WHERE coalesce(information_rounds, 0) + coalesce(asked.rounds, 0) > 0;

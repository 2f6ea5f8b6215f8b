-- Who works on cases, and how. Built on the tables of cases.

CREATE TABLE open_event AS
    SELECT placed.* FROM placed LEFT JOIN stretch USING (account, thing, stretch) WHERE placed.n < coalesce(ended, placed.n + 1);

-- Escalations while the case was open, a snapshot of an escalated case among them.
CREATE TABLE escalation AS
    SELECT account, thing, n, at_ms, coalesce("to", '') AS went_to FROM open_event WHERE kind = 'escalated'
    UNION ALL
    SELECT b.account, b.thing, b.n, coalesce(until(base.engineering_at, base.at_ms), base.at_ms), b.escalated_to
    FROM case_base AS b JOIN base USING (account, thing) WHERE base.topic = 'cases' AND b.state = 'escalated';

-- Assignments beside the team and the agent the case was with before. A creation names a team only if none is known.
CREATE TABLE assignment AS
    WITH said AS (
        SELECT account, thing, n, 'assigned' AS kind, coalesce(team, '') AS team, coalesce(agent, '') AS agent
        FROM moving WHERE kind = 'assigned'
        UNION ALL SELECT account, thing, n, 'snapshot', coalesce(team, ''), coalesce(agent, '') FROM base WHERE topic = 'cases'
        UNION ALL
        SELECT account, thing, n, 'created', CASE WHEN EXISTS (
            SELECT 1 FROM moving AS m WHERE m.account = c.account AND m.thing = c.thing AND m.kind = 'assigned'
                AND coalesce(m.team, '') <> '' AND m.n < c.n) THEN '' ELSE team END, ''
        FROM creation AS c
    ), teamed AS (
        SELECT *, last_value(nullif(team, '') IGNORE NULLS) OVER before AS team_before,
            max(CASE WHEN kind = 'assigned' AND team <> '' THEN n END) OVER before AS named_before
        FROM said
        WINDOW before AS (PARTITION BY account, thing ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), changed AS (SELECT *, kind = 'assigned' AND team <> '' AND team IS DISTINCT FROM team_before AS moves FROM teamed)
    SELECT *, last_value(CASE WHEN kind = 'snapshot' OR moves OR agent <> '' THEN agent END IGNORE NULLS) OVER (
        PARTITION BY account, thing ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS agent_before
    FROM changed;

CREATE TABLE passed_on AS
    SELECT account, thing, count(*) FILTER (moves AND team_before IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM escalation AS e WHERE e.account = a.account AND e.thing = a.thing
                AND e.n < a.n AND e.n > coalesce(named_before, 0))) AS handoffs,
        count(*) FILTER (NOT moves AND agent <> '' AND coalesce(agent_before, '') NOT IN ('', agent)) AS reassignments
    FROM assignment AS a SEMI JOIN (SELECT * FROM open_event WHERE kind = 'assigned') USING (account, thing, n) GROUP BY ALL;

-- Cases that went to another team or agent, by events or by what a snapshot says.
CREATE TABLE moved_on AS
    SELECT account, thing FROM passed_on WHERE handoffs + reassignments > 0
    UNION SELECT account, thing FROM base WHERE topic = 'cases' AND coalesce(handoffs, 0) + coalesce(reassignments, 0) > 0;

-- Who else worked on a case, and whether its customer agreed.
CREATE TABLE helper AS
    SELECT account, thing, label(who, 'collaborator') AS who, authorised FROM open_event WHERE kind = 'collaborated'
    UNION ALL
    SELECT account, thing, label(unnest(CASE WHEN len(collaborated_with) > 0 THEN collaborated_with ELSE [''] END), 'collaborator'),
        vendor_authorised
    FROM base WHERE topic = 'cases' AND (collaborated OR len(collaborated_with) > 0);

-- Who was said last to deliver: the latest assignment that says so, else the creation or snapshot.
CREATE TABLE delivery AS
    WITH named AS (
        SELECT account, thing, max_by(delivered_by, n) AS delivered_by FROM moving
        WHERE kind = 'assigned' AND coalesce(delivered_by, '') <> '' GROUP BY ALL
    ), opening AS (
        SELECT account, thing, delivered_by FROM begun
        JOIN (SELECT * FROM fact WHERE topic = 'cases') AS f USING (account, thing, n)
    )
    SELECT account, thing, label(coalesce(named.delivered_by, opening.delivered_by), 'partner') AS delivered_by
    FROM case_now LEFT JOIN named USING (account, thing) LEFT JOIN opening USING (account, thing);

CREATE TABLE case_work AS
    WITH told AS (SELECT * FROM base WHERE topic = 'cases'),
    logged AS (SELECT account, thing, sum(minutes) AS minutes FROM moving WHERE kind = 'effort_logged' GROUP BY ALL),
    fixing AS (
        SELECT account, thing, min_by(at_ms, n) AS since FROM escalation WHERE went_to = 'engineering' GROUP BY ALL
    )
    SELECT c.account, c.thing, c.at_ms, c.contact, at_ms - created AS elapsed,
        coalesce(told.handoffs, 0) + coalesce(passed_on.handoffs, 0) AS handoffs,
        coalesce(told.reassignments, 0) + coalesce(passed_on.reassignments, 0) AS reassignments,
        CASE WHEN contact = 'first' THEN 'first_contact'
            WHEN (account, thing) IN (SELECT (account, thing) FROM handed_on) THEN 'escalated'
            WHEN (account, thing) IN (SELECT (account, thing) FROM helper WHERE who IN ('team', 'vendor')) THEN 'team'
            WHEN (account, thing) IN (SELECT (account, thing) FROM helper) THEN 'coached' ELSE 'unknown' END AS path,
        CASE WHEN told.effort_minutes IS NULL THEN logged.minutes
            ELSE told.effort_minutes + coalesce(logged.minutes, 0) END AS effort,
        delivery.delivered_by,
        at_ms - coalesce(until(told.engineering_at, told_at), fixing.since) AS fixed_in
    FROM (SELECT solved.*, created FROM solved JOIN case_now USING (account, thing)) AS c
    LEFT JOIN (SELECT account, thing, handoffs, reassignments, effort_minutes, engineering_at, at_ms AS told_at FROM told)
        AS told USING (account, thing)
    LEFT JOIN passed_on USING (account, thing)
    LEFT JOIN logged USING (account, thing)
    LEFT JOIN delivery USING (account, thing)
    LEFT JOIN fixing USING (account, thing);

-- Open cases whose latest escalation went to engineering, and since when.
CREATE TABLE at_engineering AS
    WITH again AS (SELECT account, thing, max(n) AS n FROM reopening GROUP BY ALL),
    now_escalated AS (
        SELECT e.* FROM escalation AS e LEFT JOIN again USING (account, thing) WHERE e.n > coalesce(again.n, 0)
    ), elsewhere AS (SELECT account, thing, max(n) AS n FROM now_escalated WHERE went_to <> 'engineering' GROUP BY ALL)
    SELECT account, thing, label(priority, 'priority') AS priority, min_by(at_ms, e.n) // 60000 AS since
    FROM now_escalated AS e JOIN case_now USING (account, thing) LEFT JOIN elsewhere AS o USING (account, thing)
    WHERE open AND e.n > coalesce(o.n, 0) GROUP BY ALL;

CREATE TABLE went_on AS
    SELECT account, thing, coalesce(until(merged_at, at_ms), at_ms) AS at_ms FROM base
    WHERE topic = 'cases' AND state = 'merged'
    UNION ALL SELECT account, thing, at_ms FROM moving WHERE kind = 'merged';

CREATE MACRO times(often) AS CASE often WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'multi' END;

INSERT INTO windowed
    SELECT 'support_cases_solved_handoffs', at_ms // 60000, [times(handoffs)] FROM case_work WHERE handoffs > 0
    UNION ALL
    SELECT 'support_cases_solved_reassignments', at_ms // 60000, [times(reassignments)] FROM case_work WHERE reassignments > 0
    UNION ALL
    SELECT 'support_cases_solved_collaborated_with', at_ms // 60000, [who]
    FROM (SELECT DISTINCT account, thing, who FROM helper) JOIN case_work USING (account, thing)
    UNION ALL
    SELECT 'support_cases_solved_vendor', at_ms // 60000,
        [CASE WHEN bool_or(NOT authorised) THEN 'no' WHEN count(*) > count(authorised) THEN 'unknown' ELSE 'yes' END]
    FROM helper JOIN case_work USING (account, thing) WHERE who = 'vendor' GROUP BY account, thing, at_ms
    UNION ALL SELECT 'support_cases_merged', at_ms // 60000, [] FROM went_on SEMI JOIN case_now USING (account, thing);

INSERT INTO lasted
    SELECT 'support_case_resolution_by_tier_seconds', at_ms // 60000, [label(tier, 'tier')], greatest(elapsed, 0)
    FROM case_work JOIN (SELECT account, thing, tier FROM case_now) USING (account, thing)
    UNION ALL
    SELECT 'support_case_resolution_by_path_seconds', at_ms // 60000, [path], greatest(elapsed, 0) FROM case_work
    UNION ALL
    SELECT 'support_case_resolution_by_delivery_seconds', at_ms // 60000, [delivered_by], greatest(elapsed, 0) FROM case_work
    UNION ALL
    SELECT 'support_case_effort_seconds', at_ms // 60000, [path], effort * 60000 FROM case_work WHERE effort IS NOT NULL
    UNION ALL
    SELECT 'support_case_engineering_seconds', at_ms // 60000, [], greatest(fixed_in, 0) FROM case_work WHERE fixed_in IS NOT NULL;

INSERT INTO aged
    SELECT 'support_cases_open_engineering_age_seconds', since, [priority] FROM at_engineering;

INSERT INTO standing
    SELECT instant, 'support_cases_open_engineering', [priority], count(*) FROM at_engineering, instant GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_untouched', [label(priority, 'priority')], count(*)
    FROM case_now JOIN (SELECT account, thing, max(at_ms) AS latest FROM fact WHERE topic = 'cases' GROUP BY ALL)
        USING (account, thing), instant, fleet_rule
    WHERE open AND now * 60000 >= (latest // 86400000 + 1 + untouched) * 86400000 GROUP BY ALL;

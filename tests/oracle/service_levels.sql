-- Service levels: clocks with their pauses, the open time in which they run, and deadlines by running sums of it.

-- Regions that have hours of their own; any other is open at every instant, under the name ''.
CREATE TABLE hours AS
    SELECT * FROM open_time UNION ALL SELECT '', -(1::BIGINT << 50), 1::BIGINT << 50;

-- When a case was no longer open: its first solve or close since it was opened for the last time, or its merge.
CREATE TABLE finished AS
    SELECT account, thing, stretch, least(solved, closed) AS at_ms, idle_to FROM (
        SELECT s.account, s.thing, s.stretch, s.solved, s.closed, r.at_ms AS idle_to
        FROM stretch AS s LEFT JOIN (
            SELECT r.account, r.thing, p.stretch - 1 AS stretch, r.at_ms
            FROM reopening AS r JOIN placed AS p USING (account, thing, n)
        ) AS r USING (account, thing, stretch)
    )
    UNION ALL
    SELECT account, thing, -1, at_ms, NULL FROM moving WHERE kind = 'merged'
    UNION ALL
    SELECT account, thing, -1, at_ms, NULL FROM case_base WHERE state = 'merged';

-- Spells in which clocks stand still: to the end of time when it still lasts.
CREATE TABLE still AS
    SELECT account, thing, at_ms AS began, coalesce(ended, 1::BIGINT << 50) AS ended FROM (
        SELECT w.account, w.thing, coalesce(p.at_ms, b.at_ms) AS at_ms, CASE WHEN NOT lasts THEN coalesce(p.at_ms, b.at_ms) + ms END AS ended
        FROM waiting AS w LEFT JOIN placed AS p USING (account, thing, n) LEFT JOIN case_base AS b USING (account, thing, n)
        WHERE w."on" = 'customer'
    )
    UNION ALL SELECT account, thing, at_ms, coalesce(idle_to, 1::BIGINT << 50) FROM finished
    UNION ALL
    SELECT account, thing, until_ms - paused, until_ms FROM (
        SELECT *, CASE WHEN terminal THEN least(solved, closed) ELSE at_ms END AS until_ms FROM case_base
    );

-- Solves that count, public replies of persons, escalations elsewhere than engineering, and reopenings: when, and the
-- priority as it stood then.
CREATE TABLE stop AS
    WITH ends AS (
        SELECT account, thing, n, at_ms, 'reply' AS kind FROM tail WHERE topic = 'cases' AND kind = 'replied' AND "by" = 'agent'
            AND coalesce("public", true) AND NOT coalesce(automatic, false)
        UNION ALL SELECT account, thing, solved_n, solved, 'solve' FROM stretch
        WHERE solved_n IS NOT NULL
        UNION ALL SELECT account, thing, n, at_ms, 'elsewhere' FROM escalation WHERE went_to <> 'engineering'
        UNION ALL SELECT account, thing, n, at_ms, 'reopening' FROM reopening
    )
    SELECT e.account, e.thing, e.n, e.at_ms, e.kind,
        CASE WHEN any_value(begun.n) <= e.n THEN coalesce(
                max_by(m.priority, m.n) FILTER (m.n > begun.n),
                nullif(max_by(m.priority, m.n) FILTER (m.n < begun.n), ''), any_value(begun.priority))
            ELSE coalesce(max_by(m.priority, m.n), '') END AS priority
    FROM ends AS e JOIN begun USING (account, thing)
    LEFT JOIN moving AS m ON m.account = e.account AND m.thing = e.thing AND m.kind = 'priority_changed' AND m.n < e.n
    GROUP BY e.account, e.thing, e.n, e.at_ms, e.kind;

-- What was asked and answered after the snapshot, and what the snapshot tells of.
CREATE TABLE turn AS
    SELECT account, thing, 1 AS part, n, at_ms, side = 'customer' AS asks, NULL AS priority FROM message WHERE side = 'customer'
    UNION ALL SELECT account, thing, 1, n, awaiting, true, NULL FROM case_base WHERE awaiting IS NOT NULL AND NOT terminal
    UNION ALL
    SELECT account, thing, 1, n, at_ms, false, priority FROM stop
    WHERE kind IN ('reply', 'solve') AND (account, thing, n) NOT IN (SELECT (account, thing, n) FROM case_base)
    UNION ALL
    SELECT account, thing, 0, 2 * at_ms + answers, at_ms, answers = 0, priority FROM (
        SELECT account, thing, priority, 0 AS answers, unnest(customer_spoke) AS at_ms FROM case_base
        UNION ALL SELECT account, thing, priority, 0, created FROM case_base WHERE side = 'customer'
        UNION ALL SELECT account, thing, priority, 1, unnest(agent_spoke) FROM case_base
        UNION ALL SELECT account, thing, priority, 1, unnest([first_solved, solved]) FROM case_base
    ) WHERE at_ms IS NOT NULL;

CREATE TABLE question AS
    SELECT account, thing, arg_min(at_ms, n) FILTER (asks) AS asked, arg_min(at_ms, n) FILTER (NOT asks) AS answered,
        arg_min(priority, n) FILTER (NOT asks) AS priority
    FROM (
        SELECT *, coalesce(count(*) FILTER (NOT asks) OVER (
            PARTITION BY account, thing, part ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS turns
        FROM turn
    ) GROUP BY account, thing, part, turns HAVING asked IS NOT NULL;

-- Cases that were with engineering: since when for the first time, and until when. What a snapshot leaves out is the first
-- solve it tells of, if it says that engineering had the case last; the events after it, if engineering has it; else lost.
CREATE TABLE fixing AS
    WITH told AS (
        SELECT b.account, b.thing, b.n, b.priority, here,
            coalesce(until(base.engineering_at, base.at_ms), CASE WHEN here THEN base.at_ms END) AS began,
            coalesce(until(base.engineering_until, base.at_ms), CASE WHEN b.escalated_to = 'engineering' THEN
                least(CASE WHEN b.first_solved >= began THEN b.first_solved END, CASE WHEN b.solved >= began THEN b.solved END) END
            ) AS stopped
        FROM (SELECT *, state = 'escalated' AND escalated_to = 'engineering' AS here FROM case_base) AS b
        JOIN base USING (account, thing) WHERE base.topic = 'cases'
    ), entered AS (
        SELECT account, thing, n, began FROM told WHERE here AND stopped IS NULL
        UNION ALL
        SELECT account, thing, min(n), arg_min(at_ms, n) FROM escalation
        ANTI JOIN (SELECT * FROM told WHERE began IS NOT NULL) USING (account, thing)
        WHERE went_to = 'engineering' GROUP BY ALL
    )
    SELECT account, thing, began, stopped, priority FROM told WHERE began IS NOT NULL AND stopped IS NOT NULL
    UNION ALL
    SELECT e.account, e.thing, any_value(began), arg_min(s.at_ms, s.n), arg_min(s.priority, s.n)
    FROM entered AS e LEFT JOIN stop AS s ON s.account = e.account AND s.thing = e.thing AND s.kind <> 'reply' AND s.n > e.n
    GROUP BY e.account, e.thing;

-- Every clock that has a target. said: the priority that counts. A clock that has not stopped ends with the case.
CREATE TABLE clock AS
    WITH ran AS (
        SELECT account, thing, 'first_response' AS target, created AS began, c.replied AS stopped,
            CASE WHEN c.replied IS NULL THEN c.priority WHEN b.replied IS NOT NULL THEN b.priority
                ELSE (SELECT arg_min(s.priority, s.n) FROM stop AS s WHERE s.account = c.account AND s.thing = c.thing AND kind = 'reply')
            END AS said
        FROM case_now AS c LEFT JOIN (SELECT account, thing, replied, priority FROM case_base) AS b USING (account, thing)
        WHERE c.side = 'customer'
        UNION ALL
        SELECT account, thing, 'next_response', q.asked, q.answered, q.priority
        FROM question AS q JOIN case_now AS c USING (account, thing)
        WHERE q.answered IS NOT NULL AND (c.side = 'agent' OR q.answered > c.replied)
        UNION ALL
        SELECT account, thing, 'next_response', awaiting, NULL, priority FROM case_now
        WHERE awaiting IS NOT NULL AND (side = 'agent' OR replied IS NOT NULL)
        UNION ALL
        SELECT account, thing, 'resolution', created, solved,
            CASE WHEN solved IS NULL THEN c.priority ELSE (
                SELECT any_value(s.priority) FROM stop AS s
                WHERE s.account = c.account AND s.thing = c.thing AND s.n = solved_n AND kind = 'solve') END
        FROM case_now AS c
        UNION ALL
        SELECT account, thing, 'engineering', f.began, f.stopped, CASE WHEN f.stopped IS NULL THEN c.priority ELSE f.priority END
        FROM fixing AS f JOIN case_now AS c USING (account, thing)
    )
    SELECT row_number() OVER () AS clock, ran.account, ran.thing, ran.target, began, stopped, label(c.tier, 'tier') AS tier,
        label(said, 'priority') AS priority, p.length,
        CASE WHEN p.business AND label(region, 'region') IN (SELECT region FROM open_time)
            THEN label(region, 'region') ELSE '' END AS region, c.open
    FROM ran JOIN case_now AS c USING (account, thing)
    JOIN promised AS p ON p.target = ran.target AND p.tier = label(c.tier, 'tier') AND p.priority = label(said, 'priority')
        AND p.effective_from = (
            SELECT max(effective_from) FROM promised AS q
            WHERE q.tier = p.tier AND q.priority = p.priority AND q.effective_from <= c.created)
    WHERE p.length IS NOT NULL;

-- Spells in which the clock runs: between its pauses.
CREATE TABLE unpaused AS
    WITH paused AS (
        SELECT clock, greatest(s.began, c.began) AS began, s.ended FROM clock AS c JOIN still AS s USING (account, thing)
        WHERE s.ended > c.began AND s.ended > s.began AND (c.stopped IS NULL OR s.began < c.stopped)
    ), covered AS (
        SELECT clock, began, ended, max(ended) OVER (PARTITION BY clock ORDER BY began, ended
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM paused
    )
    SELECT clock, coalesce(before, c.began) AS began, covered.began AS ended
    FROM covered JOIN clock AS c USING (clock) WHERE covered.began > coalesce(before, c.began)
    UNION ALL
    SELECT clock, coalesce(max(p.ended), any_value(c.began)), 1::BIGINT << 50 FROM clock AS c LEFT JOIN paused AS p USING (clock)
    GROUP BY clock HAVING coalesce(max(p.ended), 0) < 1::BIGINT << 50;

-- The open time of those spells, piece by piece; the deadline lies in the first piece that completes the target.
CREATE TABLE deadline AS
    WITH piece AS (
        SELECT clock, c.length, greatest(r.began, h.opens) AS began, least(r.ended, h.closes) AS ended
        FROM unpaused AS r JOIN clock AS c USING (clock) JOIN hours AS h ON h.region = c.region AND h.opens < r.ended AND h.closes > r.began
    ), summed AS (
        SELECT *, sum(ended - began) OVER (PARTITION BY clock ORDER BY began) AS ran FROM piece
    )
    SELECT clock, min(ended - (ran - length))::BIGINT AS due FROM summed WHERE ran >= length GROUP BY clock;

CREATE TABLE judged AS
    SELECT clock.*, due, stopped IS NOT NULL AND (due IS NULL OR stopped <= due) AS met,
        NOT met AND due IS NOT NULL AS breached, (due + 59999) // 60000 AS due_minute
    FROM clock LEFT JOIN deadline USING (clock), promise_rule WHERE coalesce(due, stopped, counted_from) >= counted_from;

INSERT INTO windowed
    SELECT 'support_sla_cases', stopped // 60000, [target, tier, priority, 'met'] FROM judged WHERE met
    UNION ALL
    SELECT 'support_sla_cases', due_minute, [target, tier, priority, 'breached'] FROM judged WHERE breached
    UNION ALL
    SELECT 'support_sla_cases_by_delivery', CASE WHEN met THEN stopped // 60000 ELSE due_minute END,
        [target, delivered_by, CASE WHEN met THEN 'met' ELSE 'breached' END]
    FROM judged JOIN delivery USING (account, thing) WHERE met OR breached;

INSERT INTO standing
    SELECT instant, 'support_sla_due', [target, label, tier, priority], count(*)
    FROM judged, instant, (VALUES ('15m', 15), ('1h', 60), ('4h', 240), ('24h', 1440)) AS within(label, minutes)
    WHERE breached AND stopped IS NULL AND open AND due_minute > now AND due_minute <= now + minutes GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_sla_due_unassigned', [target, label, judged.priority], count(*)
    FROM judged JOIN case_now USING (account, thing), instant,
        (VALUES ('15m', 15), ('1h', 60), ('4h', 240), ('24h', 1440)) AS within(label, minutes)
    WHERE breached AND stopped IS NULL AND case_now.open AND NOT assigned AND due_minute > now AND due_minute <= now + minutes
    GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_sla_open', [target, CASE WHEN due IS NULL THEN 'paused' WHEN due_minute <= now THEN 'breached' ELSE 'running' END],
        count(*)
    FROM judged, instant WHERE stopped IS NULL AND open GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_sla_breached_open', [label(team, 'team'), label(priority, 'priority')], count(*)
    FROM case_now JOIN (
        SELECT account, thing, min(due_minute) AS since FROM judged WHERE breached AND stopped IS NULL AND open GROUP BY ALL
    ) USING (account, thing), instant WHERE since <= now GROUP BY ALL;

-- Times by the business clock, where there are calendars.
CREATE TABLE in_hours AS
    SELECT name, kind, at_ms, label(c.priority, 'priority') AS priority, coalesce((
        SELECT sum(least(closes, at_ms) - greatest(opens, created)) FROM hours AS h
        WHERE h.region = CASE WHEN label(c.region, 'region') IN (SELECT region FROM open_time) THEN label(c.region, 'region') ELSE '' END
            AND opens < at_ms AND closes > created AND at_ms > created), 0)::BIGINT AS ms
    FROM (
        SELECT account, thing, 'support_case_first_response_seconds' AS name, [] AS kind, replied AS at_ms FROM case_now
        WHERE replied IS NOT NULL AND side = 'customer'
        UNION ALL
        SELECT account, thing, 'support_case_resolution_seconds', [kind], at_ms FROM resolution
    ) JOIN case_now AS c USING (account, thing) WHERE EXISTS (SELECT 1 FROM open_time);

INSERT INTO lasted SELECT name, at_ms // 60000, list_concat(kind, ['business', priority]), ms FROM in_hours;

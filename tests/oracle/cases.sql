-- Cases. `case_now`: one row for each case whose creation is known. `resolution`: one row for each solve that counts.

CREATE TABLE case_base AS
    SELECT account, thing, n, at_ms, state, coalesce("by", 'customer') AS side, channel, CASE WHEN coalesce(signal, '') <> '' THEN 'proactive' ELSE coalesce(origin, 'reactive') END AS origin,
        coalesce(priority, '') AS priority, tier, coalesce(team, '') AS team, until(awaiting_since, at_ms) AS awaiting,
        issue_type, access_point, device_class, product, region, complete,
        coalesce(escalated_to, '') AS escalated_to, coalesce(collaborated, false) OR len(coalesce(collaborated_with, [])) > 0 AS collaborated,
        [until(s, at_ms) FOR s IN customer_spoke_at IF s <> 0] AS customer_spoke,
        [until(s, at_ms) FOR s IN agent_spoke_at IF s <> 0] AS agent_spoke,
        coalesce(until(created_at, at_ms), at_ms) AS created, until(replied_at, at_ms) AS replied,
        state IN ('solved', 'closed') AS terminal,
        CASE WHEN terminal THEN coalesce(until(solved_at, at_ms), until(first_solved_at, at_ms), at_ms) END AS solved,
        coalesce(until(first_solved_at, at_ms), solved) AS first_solved,
        CASE WHEN state = 'closed' THEN coalesce(until(closed_at, at_ms), at_ms) END AS closed,
        [until(r, at_ms) FOR r IN reopened_at IF r <> 0] AS reopened,
        coalesce(waited_ms, 0) + coalesce(idle_ms, 0) AS paused
    FROM base WHERE topic = 'cases';

-- From a merge on, nothing moves the case.
CREATE TABLE moving AS
    SELECT tail.* FROM tail
    LEFT JOIN (SELECT account, thing, min(n) AS merged FROM tail WHERE topic = 'cases' AND kind = 'merged' GROUP BY ALL)
        USING (account, thing)
    LEFT JOIN case_base USING (account, thing)
    WHERE topic = 'cases' AND tail.n <= coalesce(merged, tail.n) AND coalesce(case_base.state, '') <> 'merged';

-- Reopenings cut the life of a case into stretches. A stretch ends its open time with its first solve or close.
CREATE TABLE placed AS
    SELECT *, count(*) FILTER (kind = 'reopened') OVER (PARTITION BY account, thing ORDER BY n) AS stretch FROM moving;

CREATE TABLE ending AS
    SELECT account, thing, stretch, min(n) AS ended, arg_min(at_ms, n) FILTER (kind = 'solved') AS solved,
        min(n) FILTER (kind = 'solved') AS solved_n, arg_min(at_ms, n) AS stopped,
        arg_min(at_ms, n) FILTER (kind = 'closed') AS closed, min(n) FILTER (kind = 'closed') AS closed_n
    FROM placed WHERE kind IN ('solved', 'closed') GROUP BY ALL;

-- A case that was terminal in its snapshot ended its first stretch before everything.
CREATE TABLE stretch AS
    SELECT account, thing, stretch, ended, solved, solved_n, coalesce(solved, stopped) AS idle_from, closed, closed_n FROM ending
    ANTI JOIN (SELECT account, thing, 0 AS stretch FROM case_base WHERE terminal) USING (account, thing, stretch)
    UNION ALL
    SELECT b.account, b.thing, 0, n, b.solved, n, b.solved, coalesce(b.closed, e.closed),
        CASE WHEN b.closed IS NOT NULL THEN n ELSE closed_n END
    FROM case_base AS b LEFT JOIN (SELECT * FROM ending WHERE stretch = 0) AS e USING (account, thing) WHERE terminal;

-- A reopening reopens only what had ended.
CREATE TABLE reopening AS
    SELECT placed.account, placed.thing, placed.n, placed.at_ms, placed.at_ms - idle_from AS idle_ms
    FROM placed JOIN stretch
        ON placed.account = stretch.account AND placed.thing = stretch.thing AND placed.stretch = stretch.stretch + 1
    WHERE placed.kind = 'reopened';

-- Waiting begins only while open, and lasts until the next event that begins another waiting or ends it.
CREATE TABLE waiting AS
    SELECT account, thing, n, "on", kind, next_at - at_ms AS ms, next_at IS NULL AS lasts FROM (
        SELECT *, lead(at_ms) OVER (PARTITION BY account, thing ORDER BY n) AS next_at FROM (
            SELECT account, thing, placed.n, at_ms, kind, "on" FROM placed LEFT JOIN stretch USING (account, thing, stretch)
            WHERE kind IN ('waiting', 'resumed', 'solved', 'closed', 'merged') AND placed.n <= coalesce(ended, placed.n)
            UNION ALL
            SELECT account, thing, n, at_ms, 'waiting', state[9:] FROM case_base WHERE starts_with(state, 'waiting_')
        )
    ) WHERE kind = 'waiting';

CREATE TABLE pause AS
    SELECT account, thing, n, ms FROM waiting WHERE "on" = 'customer' AND NOT lasts
    UNION ALL SELECT account, thing, n, idle_ms FROM reopening;

CREATE TABLE creation AS
    SELECT account, thing, n, at_ms AS created, coalesce("by", 'customer') AS side, channel,
        CASE WHEN coalesce(signal, '') <> '' THEN 'proactive' ELSE coalesce(origin, 'reactive') END AS origin, coalesce(priority, '') AS priority, tier, coalesce(team, '') AS team,
        issue_type, access_point, device_class, product, region, complete
    FROM tail ANTI JOIN case_base USING (account, thing) WHERE topic = 'cases' AND kind = 'created'
    QUALIFY row_number() OVER (PARTITION BY account, thing ORDER BY n) = 1;

CREATE TABLE begun AS
    SELECT account, thing, n, created, side, channel, origin, priority, tier, team,
        issue_type, access_point, device_class, product, region, complete FROM case_base
    UNION ALL SELECT * FROM creation;

-- Public messages of people; a creation by a customer is one.
CREATE TABLE message AS
    SELECT account, thing, n, at_ms, "by" AS side FROM tail
    WHERE topic = 'cases' AND kind = 'replied' AND coalesce("public", true) AND NOT coalesce(automatic, false)
    UNION ALL SELECT account, thing, n, created, side FROM creation WHERE side = 'customer';

-- Questions of the customer that no public reply of a person and no solve followed: since when there is one.
CREATE TABLE awaiting AS
    WITH turn AS (
        SELECT account, thing, n, at_ms, side = 'customer' AS asks FROM message
        UNION ALL SELECT account, thing, n, awaiting, true FROM case_base WHERE awaiting IS NOT NULL
        UNION ALL SELECT account, thing, solved_n, solved, false FROM stretch WHERE solved_n IS NOT NULL
    ), answered AS (SELECT account, thing, max(n) AS n FROM turn WHERE NOT asks GROUP BY ALL)
    SELECT account, thing, min_by(at_ms, turn.n) AS since FROM turn LEFT JOIN answered USING (account, thing)
    WHERE asks AND turn.n > coalesce(answered.n, 0) GROUP BY ALL;

CREATE TABLE case_now AS
    WITH reply AS (
        SELECT account, thing, min_by(at_ms, n) AS replied FROM tail
        WHERE topic = 'cases' AND kind = 'replied' AND "by" = 'agent' AND coalesce("public", true)
            AND NOT coalesce(automatic, false)
        GROUP BY ALL
    ), said AS (
        SELECT account, thing, max_by(m.priority, m.n) FILTER (m.n < begun.n) AS before,
            max_by(m.priority, m.n) FILTER (m.n > begun.n) AS since
        FROM moving AS m JOIN begun USING (account, thing) WHERE kind = 'priority_changed' GROUP BY ALL
    ), latest AS (
        SELECT account, thing, max(stretch) AS stretch, bool_or(kind = 'merged') AS merged,
            bool_or(kind = 'assigned') AS assigned, bool_or(kind = 'solved') AS ever_solved,
            max_by(team, n) FILTER (kind = 'assigned' AND coalesce(team, '') <> '') AS team
        FROM placed GROUP BY ALL
    )
    SELECT account, thing, begun.created, begun.side, begun.channel, begun.origin, begun.tier, begun.issue_type,
        begun.access_point, begun.device_class, begun.product, begun.region, begun.complete,
        coalesce(said.since, nullif(before, ''), begun.priority) AS priority,
        coalesce(case_base.replied, reply.replied) AS replied,
        coalesce(latest.merged, false) OR coalesce(case_base.state = 'merged', false) AS is_merged,
        NOT is_merged AND stretch.ended IS NULL AS open,
        CASE WHEN NOT is_merged THEN stretch.solved END AS solved, stretch.solved_n,
        CASE WHEN NOT is_merged THEN stretch.closed END AS closed, stretch.closed_n,
        case_base.first_solved IS NOT NULL OR coalesce(latest.ever_solved, false) AS ever_solved,
        coalesce(latest.team, begun.team) AS team, awaiting.since AS awaiting,
        coalesce(latest.assigned, false) OR coalesce(case_base.state <> 'new', false) AS assigned
    FROM begun SEMI JOIN (SELECT * FROM present WHERE topic = 'cases') USING (account, thing)
    LEFT JOIN case_base USING (account, thing)
    LEFT JOIN reply USING (account, thing)
    LEFT JOIN said USING (account, thing)
    LEFT JOIN latest USING (account, thing)
    LEFT JOIN awaiting USING (account, thing)
    LEFT JOIN stretch ON stretch.account = begun.account AND stretch.thing = begun.thing
        AND stretch.stretch = coalesce(latest.stretch, 0);

CREATE TABLE open_state AS
    WITH again AS (SELECT account, thing, max(n) AS n FROM reopening GROUP BY ALL),
    handed_on AS (
        SELECT account, thing, n FROM moving WHERE kind = 'escalated'
        UNION ALL SELECT account, thing, n FROM case_base WHERE state = 'escalated'
    )
    SELECT account, thing,
        CASE WHEN (account, thing) IN (SELECT (account, thing) FROM waiting WHERE lasts)
            THEN (SELECT 'waiting_' || w."on" FROM waiting AS w WHERE lasts AND w.account = c.account AND w.thing = c.thing)
            WHEN EXISTS (SELECT 1 FROM handed_on AS h LEFT JOIN again USING (account, thing)
                WHERE h.account = c.account AND h.thing = c.thing AND h.n > coalesce(again.n, 0)) THEN 'escalated'
            WHEN assigned OR replied IS NOT NULL THEN 'open' ELSE 'new' END AS state
    FROM case_now AS c WHERE open;

-- kind, the minute's time, elapsed and paused ms of every solve that counts.
CREATE TABLE resolution AS
    WITH solve AS (
        SELECT account, thing, 'full' AS kind, solved AS at_ms, solved_n AS n FROM case_now WHERE solved IS NOT NULL
        UNION ALL SELECT account, thing, 'closed', closed, closed_n FROM case_now WHERE closed IS NOT NULL AND ever_solved
        UNION ALL
        SELECT account, thing, 'first', min_by(at_ms, n), min(n) FROM moving
        ANTI JOIN (SELECT * FROM case_base WHERE first_solved IS NOT NULL) USING (account, thing)
        WHERE kind = 'solved' GROUP BY ALL
    ), paused AS (
        SELECT account, thing, kind, at_ms,
            coalesce((SELECT paused FROM case_base AS b WHERE b.account = s.account AND b.thing = s.thing), 0)
            + coalesce((SELECT sum(ms) FROM pause AS p WHERE p.account = s.account AND p.thing = s.thing AND p.n < s.n), 0) AS paused
        FROM solve AS s
        UNION ALL
        SELECT account, thing, 'first', first_solved, CASE WHEN len(reopened) > 0 THEN 0 ELSE paused END
        FROM case_base WHERE first_solved IS NOT NULL
    )
    SELECT account, thing, kind, at_ms, label(priority, 'priority') AS priority, label(channel, 'channel') AS channel, greatest(at_ms - created, 0) AS elapsed,
        greatest(at_ms - created - paused, 0) AS net
    FROM paused JOIN case_now USING (account, thing);

CREATE TABLE moved_back AS
    SELECT at_ms FROM reopening SEMI JOIN case_now USING (account, thing)
    UNION ALL SELECT unnest(reopened) FROM case_base SEMI JOIN case_now USING (account, thing);

-- Public messages of people in the order they were told; the creation is one of who opened the case. Of consecutive
-- ones by one side the first counts.
CREATE TABLE spoken AS
    WITH said AS (
        SELECT account, thing, n, 1 AS turn, at_ms, "by" AS side, channel FROM tail
        WHERE topic = 'cases' AND kind = 'replied' AND coalesce("public", true) AND NOT coalesce(automatic, false)
        UNION ALL SELECT account, thing, n, 0, created, side, NULL FROM begun
        UNION ALL SELECT account, thing, n, 1, unnest(customer_spoke), 'customer', NULL FROM case_base
        UNION ALL SELECT account, thing, n, 1, unnest(agent_spoke), 'agent', NULL FROM case_base
    ), ordered AS (
        SELECT *, lag(side) OVER (PARTITION BY account, thing ORDER BY n, turn, at_ms, side DESC) AS before FROM said
    )
    SELECT account, thing, n, turn, at_ms, side, channel FROM ordered WHERE side IS DISTINCT FROM before;

CREATE TABLE interaction AS
    SELECT ordered.at_ms, label(coalesce(nullif(ordered.channel, ''), c.channel), 'channel') AS channel,
        CASE ordered.side WHEN 'customer' THEN 'inbound' ELSE 'outbound' END AS direction
    FROM spoken AS ordered JOIN case_now AS c USING (account, thing);

-- When the customer was heard of again after the first public reply of a person: first contact has ended.
CREATE TABLE spoke_again AS
    WITH reply AS (
        SELECT account, thing, n, at_ms FROM tail WHERE topic = 'cases' AND kind = 'replied' AND "by" = 'agent'
            AND coalesce("public", true) AND NOT coalesce(automatic, false)
    ), told AS (SELECT account, thing, n, replied, unnest(customer_spoke) AS at_ms FROM case_base),
    first_reply AS (
        SELECT account, thing, min(n) AS n FROM (
            SELECT account, thing, n FROM reply UNION ALL SELECT account, thing, n FROM case_base WHERE replied IS NOT NULL
        ) GROUP BY ALL
    ), again AS (
        SELECT account, thing, n, at_ms FROM message WHERE side = 'customer' AND (account, thing, n) NOT IN (
            SELECT (account, thing, n) FROM creation)
    )
    SELECT account, thing, again.n, at_ms FROM again JOIN first_reply USING (account, thing) WHERE again.n > first_reply.n
    UNION ALL SELECT account, thing, n, at_ms FROM told WHERE at_ms > replied;

-- Steps taken while the case was open: it was handed on, a second person worked on it.
CREATE TABLE step AS
    SELECT account, thing, n, kind, "to" FROM placed LEFT JOIN stretch USING (account, thing, stretch)
    WHERE kind IN ('escalated', 'collaborated') AND n < coalesce(ended, n + 1)
    UNION ALL
    SELECT account, thing, n, 'escalated', escalated_to FROM case_base WHERE state = 'escalated' OR escalated_to <> ''
    UNION ALL SELECT account, thing, n, 'collaborated', NULL FROM case_base WHERE collaborated;

CREATE TABLE handed_on AS
    SELECT account, thing, label(max_by(coalesce("to", ''), n), 'escalated_to') AS went_to FROM step WHERE kind = 'escalated' GROUP BY ALL;

CREATE TABLE next_step AS
    SELECT account, thing, label(priority, 'priority') AS priority, since // 60000 AS since FROM case_now
    JOIN (SELECT account, thing, arg_min(at_ms, (n, at_ms)) AS since FROM spoke_again GROUP BY ALL) USING (account, thing)
    ANTI JOIN step USING (account, thing) WHERE open;

-- Solves that count, by contact and public replies of persons before them.
CREATE TABLE solved AS
    WITH reply AS (
        SELECT account, thing, n, at_ms FROM tail WHERE topic = 'cases' AND kind = 'replied' AND "by" = 'agent'
            AND coalesce("public", true) AND NOT coalesce(automatic, false)
    ), touch AS (
        SELECT account, thing, n, at_ms FROM reply
        UNION ALL SELECT account, thing, n, unnest(agent_spoke) FROM case_base
    )
    SELECT account, thing, at_ms, channel, contact, CASE replies WHEN 0 THEN 'none' WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'multi' END AS touches
    FROM (SELECT account, thing, solved AS at_ms, label(channel, 'channel') AS channel,
        CASE WHEN replied IS NULL THEN 'unknown'
            WHEN EXISTS (SELECT 1 FROM spoke_again AS e WHERE e.account = c.account AND e.thing = c.thing
                AND (e.n < solved_n OR e.n = solved_n AND e.at_ms < solved)) THEN 'later' ELSE 'first' END AS contact,
        (SELECT count(*) FROM touch AS t WHERE t.account = c.account AND t.thing = c.thing
            AND (t.n < solved_n OR t.n = solved_n AND t.at_ms <= solved)) AS replies
    FROM case_now AS c WHERE solved IS NOT NULL);

INSERT INTO windowed
    SELECT 'support_cases_opened', created // 60000, [label(channel, 'channel'), label(origin, 'origin')]
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
    UNION ALL SELECT 'support_cases_reopened', at_ms // 60000, [] FROM moved_back;

INSERT INTO lasted
    SELECT 'support_case_resolution_seconds', at_ms // 60000, [kind, 'elapsed', priority], elapsed
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

INSERT INTO aged
    SELECT 'support_cases_open_age_seconds', created // 60000, [label(priority, 'priority')] FROM case_now WHERE open
    UNION ALL
    SELECT 'support_cases_awaiting_reply_age_seconds', awaiting // 60000, [label(priority, 'priority')] FROM case_now
    WHERE open AND awaiting IS NOT NULL
    UNION ALL SELECT 'support_cases_next_step_due_age_seconds', since, [priority] FROM next_step;

INSERT INTO standing
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
    SELECT instant, 'stream_app_rows_incomplete', [topic], count(*) FROM present, instant
    WHERE topic = 'cases' AND (account, thing) NOT IN (SELECT (account, thing) FROM case_now)
        AND (account, thing) IN (SELECT (account, thing) FROM fact WHERE topic = 'cases' AND kind <> 'contact_attempt')
    GROUP BY ALL;

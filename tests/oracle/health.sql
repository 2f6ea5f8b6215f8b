-- The health of customers. `item`: every piece of evidence of an account; `score`: what they make at each instant.

CREATE TABLE handed_up AS
    WITH again AS (SELECT account, thing, max(n) AS n FROM reopening GROUP BY ALL),
    handed AS (
        SELECT account, thing, n FROM moving WHERE kind = 'escalated'
        UNION ALL SELECT account, thing, n FROM case_base WHERE state = 'escalated'
    )
    SELECT DISTINCT account, thing FROM handed LEFT JOIN again USING (account, thing) WHERE handed.n > coalesce(again.n, 0);

-- When evidence begins, in ms. What fades is an event; all else lasts.
CREATE TABLE item AS
    SELECT account, CASE WHEN priority IN (SELECT * FROM priority) THEN 'open_' || priority ELSE 'open_other' END AS kind,
        created AS since, false AS fades
    FROM case_now WHERE open
    UNION ALL SELECT account, 'open_long', created + long * 86400000, false FROM case_now, health_rule WHERE open
    UNION ALL SELECT account, 'escalated', created, false FROM case_now SEMI JOIN handed_up USING (account, thing) WHERE open
    UNION ALL SELECT account, 'reopened', at_ms, true FROM reopening SEMI JOIN case_now USING (account, thing)
    UNION ALL SELECT account, 'reopened', unnest(reopened), true FROM case_base SEMI JOIN case_now USING (account, thing)
    UNION ALL SELECT account, CASE answer WHEN 'passive' THEN 'neutral' ELSE answer END, at_ms, true FROM answer WHERE overall
    UNION ALL SELECT account, 'silent_device', (seen + silent) * 60000, false FROM fleet
    UNION ALL
    SELECT account, CASE WHEN severity IN (SELECT * FROM severity) THEN 'fault_' || severity ELSE 'fault_other' END,
        raised, false
    FROM (SELECT spell.* FROM spell SEMI JOIN fleet USING (account, thing) WHERE cleared IS NULL);

CREATE TABLE customer AS
    SELECT account, account IN (SELECT account FROM case_now UNION SELECT account FROM item) AS speaks
    FROM (SELECT DISTINCT account FROM present);

CREATE TABLE customer_tier AS
    SELECT account, max_by(tier, (created // 60000, place)) AS tier
    FROM (SELECT account, created, label(tier, 'tier') AS tier FROM case_now) JOIN tier_order USING (tier) GROUP BY ALL;

CREATE TABLE full_hour AS SELECT *, now_ms // 3600000 AS hour FROM instant;

-- Points in parts of the days of fading, so that they are whole numbers.
CREATE TABLE taken AS
    WITH counted AS (
        SELECT instant, account, kind, CASE WHEN fades THEN fade - (hour - ceil_hour) // 24 ELSE fade END AS parts
        FROM (SELECT *, (since + 3599999) // 3600000 AS ceil_hour FROM item), full_hour, health_rule WHERE ceil_hour <= hour
    )
    SELECT instant, account, kind, greatest(least(sum(parts * points), most * fade), -most * fade) AS parts
    FROM counted JOIN points USING (kind), health_rule WHERE counted.parts > 0
    GROUP BY instant, account, kind, most, fade;

CREATE TABLE score AS
    SELECT instant, account, coalesce(tier, 'unknown') AS tier, least(greatest(100 - ceil(coalesce(sum(parts), 0) / any_value(fade)), 0), 100)::BIGINT AS score,
        CASE WHEN score < any_value(red) THEN 'red' WHEN score < any_value(yellow) THEN 'yellow' ELSE 'green' END AS band
    FROM (SELECT * FROM customer WHERE speaks) JOIN full_hour ON true LEFT JOIN taken USING (instant, account)
        LEFT JOIN customer_tier USING (account), health_rule
    GROUP BY instant, account, tier;

CREATE TABLE blamed AS
    SELECT instant, account, kind FROM (
        SELECT instant, account, kind, parts, max(parts) OVER w AS heaviest, sum(parts) OVER w AS every FROM taken WHERE parts > 0
        WINDOW w AS (PARTITION BY instant, account)
    ), health_rule WHERE parts = heaviest OR parts * 100 >= share * every;

CREATE TABLE heard AS
    SELECT account, CASE WHEN kind = 'silent_device' THEN 'callhome' ELSE 'surveys' END AS input, max((since + 3599999) // 3600000) AS hour
    FROM item WHERE kind IN ('silent_device', 'satisfied', 'dissatisfied', 'neutral', 'promoter', 'detractor') GROUP BY ALL;

INSERT INTO standing
    SELECT instant, 'support_customers_by_health', [band, tier], count(*) FROM score GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_cases_open_by_value', [label(c.tier, 'tier'), band, label(priority, 'priority')], count(*)
    FROM score JOIN case_now AS c USING (account) WHERE open GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_customers_without_health', [], count(*) FROM customer, instant WHERE NOT speaks GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_customers_at_risk', [tier, kind], count(*) FROM score JOIN blamed USING (instant, account)
    WHERE band = 'red' GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_customers_health_stale', [input], count(*) FROM heard, full_hour, health_rule
    WHERE heard.hour + stale * 24 <= full_hour.hour GROUP BY ALL
    UNION ALL
    SELECT instant, 'support_customer_health_score', [account], score FROM score, health_rule WHERE score < 100
    QUALIFY row_number() OVER (PARTITION BY instant ORDER BY score, account) <= worst
    UNION ALL SELECT instant, 'support_customer_health_age_seconds', [], (now_ms - hour * 3600000) // 60000 * 60 FROM full_hour
    WHERE EXISTS (FROM customer);

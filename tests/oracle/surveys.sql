-- Surveys. `sending`: surveys sent. `answer`: the words of the latest answer of each survey.

CREATE TABLE survey_tail AS
    SELECT tail.* FROM tail SEMI JOIN present USING (topic, account, thing) WHERE topic = 'surveys';
CREATE TABLE survey_base AS
    SELECT base.* FROM base SEMI JOIN present USING (topic, account, thing) WHERE topic = 'surveys';

-- What kind of survey it is: its latest answer says so, else its snapshot, else its sending.
CREATE TABLE survey AS
    SELECT account, thing, coalesce(
        (SELECT max_by(survey_type, n) FROM survey_tail AS t WHERE t.account = p.account AND t.thing = p.thing AND kind = 'answered'),
        (SELECT survey_type FROM survey_base AS b WHERE b.account = p.account AND b.thing = p.thing),
        (SELECT min_by(survey_type, n) FROM survey_tail AS t WHERE t.account = p.account AND t.thing = p.thing AND kind = 'sent')
    ) AS survey
    FROM present AS p WHERE topic = 'surveys';

-- What is said of its case, channel and tier: the latest word of any event; empty is no word.
CREATE TABLE about AS
    SELECT account, thing, max_by("case", n) FILTER ("case" <> '') AS "case",
        max_by(channel, n) FILTER (channel <> '') AS channel, max_by(tier, n) FILTER (tier <> '') AS tier
    FROM (SELECT * FROM survey_tail WHERE kind IN ('sent', 'answered') UNION ALL SELECT * FROM survey_base)
    GROUP BY ALL;

CREATE TABLE sending AS
    SELECT account, thing, survey, coalesce(until(b.sent_at, b.at_ms), first_sent) AS at_ms FROM survey
    LEFT JOIN survey_base AS b USING (account, thing)
    LEFT JOIN (SELECT account, thing, min_by(at_ms, n) AS first_sent FROM survey_tail WHERE kind = 'sent' GROUP BY ALL)
        USING (account, thing)
    WHERE coalesce(until(b.sent_at, b.at_ms), first_sent) IS NOT NULL;

CREATE TABLE given AS
    SELECT account, thing, n, at_ms, survey_type, score, least, most, aspects, satisfied_from, dissatisfied_to, reasons
    FROM survey_tail WHERE kind = 'answered'
    UNION ALL
    SELECT account, thing, n, coalesce(until(answered_at, at_ms), at_ms), survey_type, score, least, most, aspects, satisfied_from, dissatisfied_to, reasons
    FROM survey_base WHERE score IS NOT NULL;

-- Every answer ever given, in words. The latest one of a survey counts.
CREATE TABLE worded AS
    WITH latest AS (
        SELECT * REPLACE (coalesce(least, 1) AS least, coalesce(most, 5) AS most) FROM given
    ), scored AS (
        SELECT * EXCLUDE (said), said.aspect AS aspect, said.score AS given FROM (
            SELECT *, unnest(list_concat([{'aspect': 'overall', 'score': score}], [a FOR a IN aspects IF a.aspect <> 'overall'])) AS said FROM latest
        )
    ), judged AS (
        SELECT *, (least, most) IN ((1, 5), (1, 7), (0, 10), (1, 10)) AS usual, (given - least) / (most - least) AS way,
            CASE most WHEN 5 THEN 4 WHEN 7 THEN 6 ELSE 9 END AS usual_from,
            CASE most WHEN 5 THEN 2 WHEN 7 THEN 3 ELSE 4 END AS usual_to
        FROM scored
    )
    SELECT account, thing, n, at_ms, reasons, survey_type AS survey, aspect = 'overall' AS overall, label(aspect, 'aspect') AS aspect,
        CASE WHEN survey_type = 'nps'
            THEN CASE WHEN given >= 9 THEN 'promoter' WHEN given <= 6 THEN 'detractor' ELSE 'passive' END
            WHEN CASE WHEN satisfied_from IS NOT NULL THEN given >= satisfied_from
                WHEN usual THEN given >= usual_from ELSE way > 0.8 END THEN 'satisfied'
            WHEN CASE WHEN dissatisfied_to IS NOT NULL THEN given <= dissatisfied_to
                WHEN usual THEN given <= usual_to ELSE way <= 0.4 END THEN 'dissatisfied'
            ELSE 'neutral' END AS answer
    FROM judged;

CREATE TABLE answer AS
    SELECT *, label(channel, 'channel') AS by_channel, label(tier, 'tier') AS by_tier
    FROM (SELECT * FROM worded QUALIFY n = max(n) OVER (PARTITION BY account, thing)) LEFT JOIN about USING (account, thing);

CREATE TABLE dissatisfied AS
    SELECT account, thing, n FROM worded WHERE overall AND answer = 'dissatisfied';

-- Somebody spoke to the customer: about the answer before, the first time after it.
CREATE TABLE contact AS
    WITH said AS (
        SELECT account, thing, c.at_ms, c.n, (
            SELECT max(g.n) FROM given AS g WHERE g.account = c.account AND g.thing = c.thing AND g.n < c.n
        ) AS answer_n
        FROM survey_tail AS c WHERE kind = 'contacted'
        UNION ALL SELECT account, thing, until(contacted_at, at_ms), n, n FROM survey_base WHERE contacted_at <> 0
    )
    SELECT account, thing, answer_n, arg_min(at_ms, said.n) AS at_ms
    FROM said SEMI JOIN dissatisfied ON (said.account, said.thing, answer_n) = (dissatisfied.account, dissatisfied.thing, dissatisfied.n)
    GROUP BY ALL;

-- Answers about a case, beside what is known of it when it is solved.
CREATE TABLE of_case AS
    SELECT survey, answer, answer.at_ms, coalesce(delivered_by, 'unknown') AS delivered_by, coalesce(path, 'unknown') AS path
    FROM answer LEFT JOIN case_work AS w ON w.account = answer.account AND w.thing = answer."case"
    WHERE overall AND survey <> 'nps' AND answer."case" IS NOT NULL;

INSERT INTO windowed
    SELECT 'support_survey_responses_by_delivery', at_ms // 60000, [survey, delivered_by, answer] FROM of_case
    UNION ALL SELECT 'support_survey_responses_by_path', at_ms // 60000, [survey, path, answer] FROM of_case
    UNION ALL
    SELECT 'support_surveys_sent', at_ms // 60000, [survey, CASE WHEN "case" IS NULL THEN 'account' ELSE 'case' END]
    FROM sending LEFT JOIN about USING (account, thing)
    UNION ALL
    SELECT 'support_surveys_sent_by_channel', at_ms // 60000, [survey, label(channel, 'channel')]
    FROM sending LEFT JOIN about USING (account, thing)
    UNION ALL
    SELECT 'support_surveys_sent_by_tier', at_ms // 60000, [survey, label(tier, 'tier')]
    FROM sending LEFT JOIN about USING (account, thing)
    UNION ALL SELECT 'support_survey_responses', at_ms // 60000, [survey, aspect, answer] FROM answer
    UNION ALL
    SELECT 'support_survey_responses_by_channel', at_ms // 60000, [survey, by_channel, answer] FROM answer WHERE overall
    UNION ALL SELECT 'support_survey_responses_by_tier', at_ms // 60000, [survey, by_tier, answer] FROM answer WHERE overall
    UNION ALL
    SELECT DISTINCT ON (account, thing, reason) 'support_dissatisfaction', at_ms // 60000, [reason] FROM (
        SELECT account, thing, at_ms, label(why, 'reason') AS reason FROM (
            SELECT account, thing, at_ms, unnest(CASE WHEN len(reasons) > 0 THEN reasons ELSE [''] END) AS why
            FROM answer SEMI JOIN dissatisfied USING (account, thing, n) WHERE overall
        )
    )
    UNION ALL
    SELECT 'support_dissatisfied_contacted', at_ms // 60000, [label(tier, 'tier')]
    FROM contact LEFT JOIN about USING (account, thing);

INSERT INTO aged
    SELECT 'support_dissatisfied_awaiting_contact_age_seconds', at_ms // 60000, [by_tier] FROM answer
    SEMI JOIN dissatisfied USING (account, thing, n)
    ANTI JOIN contact ON (answer.account, answer.thing, n) = (contact.account, contact.thing, answer_n) WHERE overall;

INSERT INTO standing
    SELECT instant, 'support_dissatisfied_awaiting_contact', labels, count(*) FROM aged, instant
    WHERE name = 'support_dissatisfied_awaiting_contact_age_seconds' GROUP BY ALL;

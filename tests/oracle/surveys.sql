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

CREATE TABLE sending AS
    SELECT survey, coalesce(until(b.sent_at, b.at_ms), first_sent) AS at_ms FROM survey
    LEFT JOIN survey_base AS b USING (account, thing)
    LEFT JOIN (SELECT account, thing, min_by(at_ms, n) AS first_sent FROM survey_tail WHERE kind = 'sent' GROUP BY ALL)
        USING (account, thing)
    WHERE coalesce(until(b.sent_at, b.at_ms), first_sent) IS NOT NULL;

CREATE TABLE given AS
    SELECT account, thing, n, at_ms, survey_type, score, least, most, aspects, satisfied_from, dissatisfied_to
    FROM survey_tail WHERE kind = 'answered'
    UNION ALL
    SELECT account, thing, n, coalesce(until(answered_at, at_ms), at_ms), survey_type, score, least, most, aspects, satisfied_from, dissatisfied_to
    FROM survey_base WHERE score IS NOT NULL;

CREATE TABLE answer AS
    WITH latest AS (
        SELECT * REPLACE (coalesce(least, 1) AS least, coalesce(most, 5) AS most) FROM given
        QUALIFY n = max(n) OVER (PARTITION BY account, thing)
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
    SELECT at_ms, survey_type AS survey, label(aspect, 'aspect') AS aspect,
        CASE WHEN survey_type = 'nps'
            THEN CASE WHEN given >= 9 THEN 'promoter' WHEN given <= 6 THEN 'detractor' ELSE 'passive' END
            WHEN CASE WHEN satisfied_from IS NOT NULL THEN given >= satisfied_from
                WHEN usual THEN given >= usual_from ELSE way > 0.8 END THEN 'satisfied'
            WHEN CASE WHEN dissatisfied_to IS NOT NULL THEN given <= dissatisfied_to
                WHEN usual THEN given <= usual_to ELSE way <= 0.4 END THEN 'dissatisfied'
            ELSE 'neutral' END AS answer
    FROM judged;

INSERT INTO windowed
    SELECT 'support_surveys_sent', at_ms // 60000, [survey] FROM sending
    UNION ALL SELECT 'support_survey_responses', at_ms // 60000, [survey, aspect, answer] FROM answer;

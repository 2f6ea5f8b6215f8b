-- Every number of every instant: name, label values, number. Counts of nothing are left out.

-- Observations of histograms at each instant, in ms.
CREATE TABLE observed AS
    SELECT instant, name, list_concat([length.label], labels) AS labels, ms FROM lasted, instant, length
    WHERE minute > now - minutes AND minute <= now
    UNION ALL SELECT instant, name, labels, (now - since) * 60000 FROM aged, instant WHERE since <= now;

-- Observations of how many there were.
CREATE TABLE found AS
    SELECT instant, name, list_concat([length.label], labels) AS labels, many FROM counted, instant, length
    WHERE minute > now - minutes AND minute <= now;

CREATE TABLE number AS
    SELECT instant, name, list_concat([length.label], labels) AS labels, count(*)::DOUBLE AS value FROM windowed, instant, length
    WHERE minute > now - minutes AND minute <= now GROUP BY ALL
    UNION ALL
    SELECT instant, name || '_bucket', list_concat(labels, [CASE WHEN isinf(le) THEN '+Inf' ELSE le::VARCHAR END]), count(*)
    FROM observed, bound WHERE ms / 1000 <= le GROUP BY ALL
    UNION ALL SELECT instant, name || '_gcount', labels, count(*) FROM observed GROUP BY ALL
    UNION ALL SELECT instant, name || '_gsum', labels, sum(ms) / 1000 FROM observed GROUP BY ALL
    UNION ALL
    SELECT instant, name || '_bucket', list_concat(labels, [CASE WHEN isinf(le) THEN '+Inf' ELSE le::VARCHAR END]), count(*)
    FROM found, count_bound WHERE many <= le GROUP BY ALL
    UNION ALL SELECT instant, name || '_gcount', labels, count(*) FROM found GROUP BY ALL
    UNION ALL SELECT instant, name || '_gsum', labels, sum(many) FROM found GROUP BY ALL
    UNION ALL SELECT * FROM standing;

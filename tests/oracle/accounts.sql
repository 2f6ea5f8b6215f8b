-- Accounts: what several topics say of one account.

INSERT INTO standing
    SELECT instant, 'support_cases_open_silent_device', [label(priority, 'priority')], count(*)
    FROM case_now, instant
    WHERE open AND EXISTS (SELECT 1 FROM fleet WHERE fleet.account = case_now.account AND now - seen >= silent)
    GROUP BY ALL;

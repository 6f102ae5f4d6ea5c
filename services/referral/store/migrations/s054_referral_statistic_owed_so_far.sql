-- What was counted before: whoever received a referral owed its first response.
UPDATE referral_statistic SET responses_owed = received WHERE responses_owed = 0
